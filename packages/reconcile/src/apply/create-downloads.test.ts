import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDownloads } from './create-downloads.ts'

test('a run that ends leaves the download of the same file that another run of the process still uses', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hk-downloads-'))
  const server = createServer((_request, response) => response.end('image')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const file = `http://127.0.0.1:${(server.address() as AddressInfo).port}/image`
  const origin = { kind: 'url', url: file, file, insecure: true } as const
  const fingerprint = createHash('sha256').update('image').digest('hex')
  const { signal } = new AbortController()
  try {
    const [one, two] = [createDownloads({}, folder), createDownloads({}, folder)]
    await one.fetch(origin, fingerprint, { signal })
    const path = await two.fetch(origin, fingerprint, { signal })
    await one.close()
    expect(await readFile(path, 'utf8')).toBe('image')
    await two.close()
    expect(await readdir(folder)).toEqual([])
  } finally {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  }
})
