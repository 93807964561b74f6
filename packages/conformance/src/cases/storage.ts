import { deepEqual, equal, ok } from 'node:assert/strict'
import { foretell, openAsk, tell } from '../harness/ask.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { enrolRestricted } from '../harness/meet.ts'

const topic = 'storage'

export const cases: ConformanceCase[] = [
  {
    name: 'the space of the pool beside the images is shown, also to a restricted client, which sees neither settings nor where pools are',
    topic,
    async run(context) {
      const { spoken } = context
      const ask = await openAsk(context)
      const [pool] = (await ask('GET', '/1.0/storage-pools?recursion=1')).metadata
      equal(pool.driver, 'dir')
      ok(pool.config.source.endsWith(`/storage-pools/${pool.name}`), pool.config.source)
      const { space } = (await ask('GET', `/1.0/storage-pools/${pool.name}/resources`)).metadata
      ok(space.total > (space.used ?? 0), JSON.stringify(space))
      equal(tell(await ask('GET', '/1.0/storage-pools/none/resources')), '500 Storage pool not found')
      const volume = await ask('GET', `/1.0/storage-pools/${pool.name}/volumes/custom/none/state`)
      equal(
        tell(volume),
        `404 Storage volume "none" in project "default" of type "custom" does not exist on pool "${pool.name}": Storage volume not found`,
      )

      const { certificate } = await enrolRestricted(context, ['default'])
      const guest = await openAsk(context, { certificate })
      deepEqual((await guest('GET', '/1.0')).metadata.config ?? {}, {})
      const listed = await guest('GET', '/1.0/storage-pools?recursion=1')
      equal(tell(listed), foretell(spoken.restrictedPools))
      if (listed.status === 200) equal(listed.metadata[0].config, null)
      const seen = (await guest('GET', `/1.0/storage-pools/${pool.name}/resources`)).metadata
      equal(seen.space.total, space.total)
    },
  },
]
