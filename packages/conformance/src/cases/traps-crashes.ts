import { deepEqual, equal, ok } from 'node:assert/strict'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'traps: crashes'

export const cases: ConformanceCase[] = [
  {
    name: 'T3: a PATCH with null properties is refused before anything is sent',
    topic,
    async run({ watch, uploaded }) {
      const { fingerprint } = await uploaded()
      const { client, requests } = await watch()
      await expectError(client.images.patch(fingerprint, { properties: null } as never), 'invalid-argument')
      await expectError(client.images.update(fingerprint, { properties: 7 } as never), 'invalid-argument')
      equal(requests.length, 0)
    },
  },
  {
    name: 'T3: a filter on aliases, which makes the server’s handler panic, is never sent',
    topic,
    async run({ watch, uploaded, unique }) {
      const name = unique('filtered')
      await uploaded({}, { aliases: [name] })
      const { client, requests } = await watch()
      for (const filter of [{ aliases: name }, { 'aliases.name': name }])
        await expectError(client.images.list({ filter: filter as never }), 'invalid-argument')
      const properties = { 'aliases.name': name }
      deepEqual(await client.images.list({ filter: { properties } }), [])
      ok(requests.every(({ path }) => !path.includes('aliases')))
    },
  },
  {
    name: 'T3: a raw request that would make the server’s handler panic is refused before it is sent',
    topic,
    async run({ watch, uploaded }) {
      const { fingerprint } = await uploaded()
      const { client, requests } = await watch()
      const path = `/1.0/images/${fingerprint}`
      await expectError(
        client.request({ method: 'PATCH', path, json: { properties: null } }),
        'invalid-argument',
      )
      await expectError(client.request({ method: 'POST', path: '/1.0/images', json: {} }), 'invalid-argument')
      deepEqual(requests, [])
    },
  },
  {
    name: 'T33: a download request without a server, which ends an Incus daemon, is refused before it is sent',
    topic,
    async run({ watch, unique }) {
      const { client, requests } = await watch()
      const fingerprint = 'cd'.repeat(32)
      await expectError(client.images.createFromRemote('', { fingerprint }), 'invalid-argument')
      await expectError(client.images.createFromRemote('', { alias: unique('none') }), 'invalid-argument')
      for (const server of ['', null, undefined]) {
        const source = { type: 'image', mode: 'pull', server, fingerprint, protocol: 'simplestreams' }
        const call = client.request({ method: 'POST', path: '/1.0/images', json: { source } })
        await expectError(call, 'invalid-argument')
      }
      ok(
        requests.every(({ method }) => method === 'GET'),
        JSON.stringify(requests),
      )
    },
  },
  {
    name: 'T4: uploading an archive without properties together with properties does not end the daemon',
    topic,
    async run(context) {
      const { imageFile, splitFiles } = context
      await putOn(context, await imageFile({ properties: null }))
      await putOn(context, await splitFiles({ properties: null }))
    },
  },
  {
    name: 'T4: the client sends no properties with an upload, whatever the archive holds',
    topic,
    async run({ watch, imageFile }) {
      const { client, requests } = await watch()
      const file = await imageFile()
      await client.images.upload(file.source, {
        fingerprint: file.fingerprint,
        properties: { os: 'changed' },
      })
      const posts = requests.filter(({ method, path }) => method === 'POST' && path === '/1.0/images')
      equal(posts.length, 1)
      ok([...(posts[0]?.headers.keys() ?? [])].every((header) => !header.endsWith('-properties')))
    },
  },
  {
    name: 'T29: publishing with a compression that the server does not know is refused in the server’s words',
    topic,
    needs: ['instance'],
    async run({ client, instance, unique }) {
      const { instance: name } = await instance()
      const properties = { mark: unique('mark') }
      const call = client.images.createFromInstance(name, { compression: 'nosuch', properties })
      const error = await expectError(call, 'bad-request', 'operation-failed')
      ok(error.message.includes('nosuch'), error.message)
      deepEqual(await client.images.list({ filter: { properties } }), [])
    },
  },
]

async function putOn(
  { client, socketClient }: CaseContext,
  file: Awaited<ReturnType<CaseContext['imageFile'] | CaseContext['splitFiles']>>,
): Promise<void> {
  const properties = { os: 'added', empty: '' }
  const image = await client.images.upload(file.source, { fingerprint: file.fingerprint, properties })
  deepEqual(image.properties, { os: 'added' })
  equal((await socketClient.server({ fresh: true })).trusted, true)
}
