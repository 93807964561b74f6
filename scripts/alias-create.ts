import { outlastDeletion } from '@hyperkit/core/parts'
import { defineScript, findImage, positional, runIfMain } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Give an image a new alias',
  details: 'It is an error if the alias exists already; `alias set` moves such an alias.',
  connects: false,
  args: v.object({
    alias: v.pipe(v.string(), v.description('The new name'), positional('[remote:]<alias>')),
    image: v.pipe(
      v.string(),
      v.description('Beginning of its fingerprint, or another alias of it'),
      positional('image', { completes: 'image' }),
    ),
    description: v.optional(v.pipe(v.string(), v.description('Description of the alias')), ''),
  }),
  examples: ['hyperkit alias create prod:ubuntu/24.04 3f2a9c', 'hyperkit alias create stable ubuntu/noble'],
  async run({ args: { alias, image, description }, reach, change, signal }) {
    const { client, name } = await reach(alias)
    const { fingerprint } = await findImage(client, image, { signal })
    const made = await change(() =>
      client.aliases.create(name, { target: fingerprint, description }, { signal }),
    )
    if (made !== undefined) await outlastDeletion(client, fingerprint, { signal })
  },
})

export default script
await runIfMain(import.meta, script)
