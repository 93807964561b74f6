import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import type { RequestListener, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { room } from './endless.ts'
import { until } from './open-transport.ts'
import { serveHttp } from './serve.ts'

const run = promisify(execFile)
const isDeno = 'Deno' in globalThis
const mebibyte = 1024 * 1024

/** Sends a piece again and again for as long as it is read. */
async function repeat(response: ServerResponse, piece: Buffer): Promise<void> {
  while (!response.closed && !response.destroyed) if (!response.write(piece)) await room(response)
}

const answerWithoutEnd =
  (status: number, headers: Record<string, string>, head: string, piece: Buffer): RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers)
    response.write(head)
    void repeat(response, piece)
  }

const json = { 'content-type': 'application/json' }
const zeros = gzipSync(Buffer.alloc(64 * mebibyte))

const withoutEnd: Record<string, RequestListener> = {
  json: answerWithoutEnd(200, json, '{"type":"sync","metadata":[', Buffer.alloc(65_536, '"item",')),
  html: answerWithoutEnd(200, { 'content-type': 'text/html' }, '<html>', Buffer.alloc(65_536, '<p>')),
  gzip: answerWithoutEnd(200, { ...json, 'content-encoding': 'gzip' }, '', zeros),
  parts: answerWithoutEnd(
    200,
    { 'content-type': 'multipart/form-data; boundary=abc' },
    '--abc\r\nContent-Disposition: form-data; name="',
    Buffer.alloc(65_536, 'name'),
  ),
}

test('a client needs little memory for answers that have no end', async () => {
  const words: string[] = []
  for (const [name, listener] of Object.entries(withoutEnd))
    words.push(`${name}=${(await until(serveHttp(listener))).url}`)
  const { results, peak } = await measure(words)
  expect(results).toEqual({
    json: {
      code: 'answer-too-long',
      message: expect.stringContaining('the answer is longer than 64 MiB'),
    },
    html: { code: 'unexpected-answer', message: expect.stringContaining('(HTTP 200, text/html, "<html>') },
    gzip: { code: 'unexpected-answer', message: expect.stringContaining('encoded as "gzip"') },
    parts: { code: 'unexpected-answer', message: expect.stringContaining('longer than 16 KiB') },
  })
  expect(peak).toBeLessThanOrEqual(isDeno ? 260 : 200)
})

test('clients of six servers whose answers have no end need no more memory than one, at once and one after another', async () => {
  const urls = await Promise.all(
    Array.from({ length: 6 }, async () => (await until(serveHttp(withoutEnd.json ?? (() => {})))).url),
  )
  const { results, peak } = await measure([
    `together=${urls}`,
    ...urls.slice(0, 2).map((url, number) => `${number}=${url}`),
  ])
  const codes = Object.values(results)
    .flat()
    .map((result) => (result as { code: string }).code)
  expect(codes).toEqual(Array.from({ length: 8 }, () => 'answer-too-long'))
  expect(peak).toBeLessThanOrEqual(isDeno ? 260 : 200)
})

test('a client needs at most 500 MiB for a document just under the limit', async () => {
  const record = (number: number): string =>
    JSON.stringify({
      fingerprint: number.toString(16).padStart(64, '0'),
      aliases: [{ name: `os/release/${number}`, description: '' }],
      properties: {
        os: 'Alpine',
        release: 'edge',
        architecture: 'amd64',
        serial: `${number}`,
        variant: 'default',
      },
      public: true,
      architecture: 'x86_64',
      type: 'container',
      filename: 'image.tar.xz',
      size: number,
      profiles: ['default'],
      created_at: '2026-11-20T00:00:00Z',
      uploaded_at: '2026-11-20T00:00:00Z',
      last_used_at: '0001-01-01T00:00:00Z',
      expires_at: '0001-01-01T00:00:00Z',
      update_source: {
        server: 'https://images.example.org',
        protocol: 'simplestreams',
        alias: 'alpine/edge',
      },
    })
  const count = Math.floor((63.9 * mebibyte) / (record(100_000).length + 1))
  const served = await until(
    serveHttp(async (request, response) => {
      response.writeHead(200, json)
      if (!request.url?.startsWith('/1.0/images'))
        return void response.end(
          '{"type":"sync","metadata":{"auth":"trusted","environment":{"server":"incus"}}}',
        )
      response.write('{"type":"sync","metadata":[')
      for (let at = 0; at < count; at += 100) {
        const some = Array.from({ length: Math.min(100, count - at) }, (_, more) => record(at + more))
        if (!response.write(`${at === 0 ? '' : ','}${some.join(',')}`)) await room(response)
      }
      response.end(']}')
    }),
  )
  const { results, peak } = await measure([`list=${served.url}`])
  expect(results).toEqual({ list: count })
  expect(peak).toBeLessThanOrEqual(500)
})

/** Reads in a process of its own, on the runtime of the test. */
async function measure(words: string[]): Promise<{ results: Record<string, unknown>; peak: number }> {
  const [program = '', ...before] = await readerCommand()
  const { stdout } = await run(program, [...before, ...words])
  return JSON.parse(stdout) as { results: Record<string, unknown>; peak: number }
}

async function readerCommand(): Promise<string[]> {
  const source = '--conditions=@hyperkit/source'
  const script = fileURLToPath(new URL('./read-endless.ts', import.meta.url))
  if ('Bun' in globalThis) return [process.execPath, source, 'run', script]
  if (isDeno) return [process.execPath, 'run', '-A', source, script]
  // Node 20 does not run TypeScript.
  const folder = mkdtempSync(join(tmpdir(), 'hyperkit-read-endless-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const bun = fileURLToPath(new URL('../../../node_modules/.bin/bun', import.meta.url))
  const file = join(folder, 'read-endless.mjs')
  await run(bun, ['build', '--target=node', source, script, `--outfile=${file}`])
  return [process.execPath, file]
}
