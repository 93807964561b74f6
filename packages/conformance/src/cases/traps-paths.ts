import { deepEqual, equal, match, ok } from 'node:assert/strict'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'

const topic = 'traps: paths'

export const cases: ConformanceCase[] = [
  {
    name: 'T32: the client refuses a fingerprint followed by a path, sends nothing, and so changes and deletes nothing',
    topic,
    async run({ watch, uploaded }) {
      const { fingerprint } = await uploaded()
      const { client, requests } = await watch()
      for (const id of [
        `${fingerprint}/foo`,
        `${fingerprint}/`,
        `${fingerprint}?x`,
        `${fingerprint}/export/x`,
      ]) {
        await expectError(client.images.delete(id), 'invalid-argument')
        await expectError(client.images.update(id, { public: true }), 'invalid-argument')
        await expectError(client.images.get(id), 'invalid-argument')
      }
      for (const end of ['/', '/foo', '/export/x', '/secret/..', '/%2E%2E/x'])
        for (const method of ['DELETE', 'PUT', 'PATCH', 'POST'] as const) {
          const call = client.request({ method, path: `/1.0/images/${fingerprint}${end}`, json: {} })
          await expectError(call, 'invalid-argument')
        }
      deepEqual(requests, [])
      equal((await client.images.get(fingerprint)).public, false)
    },
  },
  {
    name: 'T42: the client sends no path that the server or a URL parser would change',
    topic,
    async run({ watch, uploaded, unique }) {
      const name = unique('named')
      await uploaded({}, { aliases: [name] })
      const { client, requests } = await watch()
      for (const path of [
        '/1.0/images/aliases/..',
        '/1.0/images/aliases/%2e%2E',
        '/1.0/images/aliases/.%2e',
        `/1.0/images/aliases/./${name}`,
        `/1.0/images//aliases/${name}`,
        `//1.0/images/aliases/${name}`,
      ])
        match(
          (await expectError(client.request({ method: 'DELETE', path }), 'invalid-argument')).message,
          /is empty, "\." or "\.\."/,
        )
      for (const dots of ['.', '..']) await expectError(client.aliases.delete(dots), 'invalid-argument')
      deepEqual(requests, [])
      equal(await client.aliases.find(`../${name}`), undefined)
      ok(await client.aliases.find(name))
    },
  },
  {
    name: 'T40: an existing alias whose name the server no longer accepts can be read, changed, renamed and deleted',
    topic,
    needs: ['second-server'],
    async run({ client, source, imageFile, unique }) {
      const file = await imageFile()
      const { fingerprint } = file
      await source.client.images.upload(file.source, { fingerprint, public: true })
      const [odd, even] = [`-${unique('odd')} +?`, unique('even')]
      // Servers do not check names in the request that creates the image.
      const json = {
        source: {
          type: 'image',
          mode: 'pull',
          protocol: (await client.server()).dialect.kind,
          server: source.url,
          certificate: source.serverCertificate,
          fingerprint,
        },
        aliases: [{ name: odd, description: 'old' }],
      }
      const { operation = '' } = await client.request({ method: 'POST', path: '/1.0/images', json })
      await client.operations.wait(operation)
      equal((await client.images.getByAlias(odd)).fingerprint, fingerprint)
      await client.aliases.update(odd, { description: 'new' })
      equal((await client.aliases.get(odd)).description, 'new')
      equal((await client.aliases.set(odd, { target: fingerprint })).change, 'unchanged')
      await client.aliases.rename(odd, even)
      deepEqual(
        [await client.aliases.find(odd), (await client.aliases.get(even)).description],
        [undefined, 'new'],
      )
      await client.aliases.delete(even)
      deepEqual((await client.images.get(fingerprint)).aliases, [])
    },
  },
  {
    name: 'T41: a change of more than 1 MiB is made or refused with an explanation',
    topic,
    async run({ client, uploaded, expected }) {
      const { fingerprint } = await uploaded()
      const properties = { long: 'x'.repeat(1_200_000) }
      const put = (): Promise<unknown> => client.images.update(fingerprint, { properties })
      const patch = (): Promise<unknown> => client.images.patch(fingerprint, { properties })
      const refused = async (call: Promise<unknown>): Promise<void> => {
        const error = await expectError(call, 'bad-request', 'server-error', 'closed-without-answer')
        match(error.message, /1 MiB/)
      }
      for (const change of [put, patch]) {
        if (expected.longChange === 'done') await change()
        else await refused(change())
      }
      const length = (await client.images.get(fingerprint)).properties.long?.length ?? 0
      equal(length, expected.longChange === 'done' ? 1_200_000 : 0)
    },
  },
]
