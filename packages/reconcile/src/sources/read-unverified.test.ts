import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, onTestFinished, test } from 'vitest'
import type { UrlSource } from '../manifest/source.ts'
import { readUnverified } from './read-unverified.ts'

test('the download that finds out what a web server has is kept for the upload, but not in a dry run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hyperkit-unverified-'))
  const { XDG_CACHE_HOME: before } = process.env
  process.env.XDG_CACHE_HOME = folder
  const bytes = Buffer.from('an image')
  const asked: (string | undefined)[] = []
  const web = createServer((request, response) => {
    asked.push(request.headers['if-none-match'])
    if (request.headers['if-none-match'] === '"1"') return response.writeHead(304).end()
    response.writeHead(200, { etag: '"1"' }).end(bytes)
  })
  web.listen(0, '127.0.0.1')
  await once(web, 'listening')
  onTestFinished(() => {
    if (before === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = before
    web.close()
    rmSync(folder, { recursive: true })
  })
  const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/image.tar.xz`
  const source = { kind: 'url', url, insecure: true, at: { line: 1, column: 1 } } as UrlSource
  const fingerprint = createHash('sha256').update(bytes).digest('hex')
  const dry = await readUnverified(source, { keepsNothing: true })
  expect(dry).toEqual({
    fingerprint,
    size: 8,
    origin: { kind: 'url', url, file: url, insecure: true },
  })
  expect(existsSync(join(folder, 'hyperkit'))).toBe(false)

  const kept = await readUnverified(source, {})
  expect(kept).toMatchObject({ fingerprint, origin: { path: expect.any(String) } })
  const names = readdirSync(join(folder, 'hyperkit', 'downloads')).sort()
  expect(names).toHaveLength(2)
  // What an earlier run has kept is used by a dry run too.
  expect(await readUnverified(source, { keepsNothing: true })).toEqual(kept)
  expect(readdirSync(join(folder, 'hyperkit', 'downloads')).sort()).toEqual(names)
  expect(asked).toEqual([undefined, undefined, '"1"'])
})
