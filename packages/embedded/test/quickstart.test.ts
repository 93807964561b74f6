import { createHash } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { createImageServer } from '../src/index.ts'
import { makeArchive } from './make-archive.ts'

for (const dialect of ['lxd', 'incus'] as const) {
  describe(dialect, async () => {
    const server = createImageServer({ dialect })
    const { url } = await server.listen({ http: { trust: 'admin' } })
    afterAll(() => server.close())

    test('an uploaded image can be listed, read, exported and named', async () => {
      const archive = await makeArchive()
      const fingerprint = createHash('sha256').update(archive).digest('hex')
      const accepted = await fetch(`${url}/1.0/images`, { method: 'POST', body: archive })
      expect(accepted.status).toBe(202)
      const { operation } = (await accepted.json()) as { operation: string }
      const waited = (await (await fetch(`${url}${operation}/wait`)).json()) as { metadata: unknown }
      expect(waited.metadata).toMatchObject({
        status: 'Success',
        metadata: { fingerprint, size: String(archive.byteLength) },
      })
      const list = (await (await fetch(`${url}/1.0/images`)).json()) as { metadata: unknown }
      expect(list.metadata).toEqual([`/1.0/images/${fingerprint}`])
      const exported = await fetch(`${url}/1.0/images/${fingerprint}/export`)
      const bytes = Buffer.from(await exported.arrayBuffer())
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(fingerprint)
      const alias = await fetch(`${url}/1.0/images/aliases`, {
        method: 'POST',
        body: JSON.stringify({ name: 'a/b c', target: fingerprint }),
      })
      expect(alias.status).toBe(201)
      const read = (await (await fetch(`${url}/1.0/images/aliases/a%2Fb%20c`)).json()) as {
        metadata: unknown
      }
      expect(read.metadata).toMatchObject({ name: 'a/b c', target: fingerprint })
    })
  })
}
