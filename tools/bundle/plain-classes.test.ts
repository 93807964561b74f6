import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'
import { expect, onTestFinished, test } from 'vitest'
import { plainClasses } from './bundle-program.ts'

const core = fileURLToPath(new URL('../../packages/core/src/index.ts', import.meta.url))
const isNode = process.versions.bun === undefined && !('deno' in process.versions)

const program = `import { createClient, fetchTransport } from ${JSON.stringify(core)}
const [, , url] = process.argv
const transport = fetchTransport(url, { headers: { 'x-own': 'yes' } })
await createClient({ transport }).request({ method: 'GET', path: '/1.0' })
await transport.fetch(new Request(url + '/1.0/images', { method: 'POST', headers: { accept: 'a/b' }, body: 'text' }))
const { signal } = new AbortController()
await transport.fetch(url + '/1.0/events', { method: 'DELETE', redirect: 'manual', signal })
`

test('a bundled program on Node reaches servers over the fetch of Node', async (context) => {
  if (!isNode) return context.skip('only Node has other classes in a bundle')
  const asked: unknown[] = []
  const server = createServer(async (request, answer) => {
    const { method, url, headers } = request
    asked.push([method, url, headers['x-own'], await text(request)])
    answer.setHeader('content-type', 'application/json')
    answer.end(JSON.stringify({ type: 'sync', status_code: 200, metadata: {} }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = mkdtempSync(join(tmpdir(), 'hk-plain-'))
  onTestFinished(() => {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const [input, file] = [join(folder, 'program.mjs'), join(folder, 'bundle.mjs')]
  writeFileSync(input, program)
  const bundle = await rolldown({
    input,
    platform: 'node',
    external: ['ws'],
    resolve: { conditionNames: ['@hyperkit/source', 'node', 'import', 'default'] },
    transform: { inject: plainClasses },
  })
  await bundle.write({
    file,
    format: 'esm',
    codeSplitting: false,
    minify: { compress: true, mangle: false, codegen: false },
  })
  await bundle.close()
  const { port } = server.address() as AddressInfo
  await promisify(execFile)(process.execPath, [file, `http://127.0.0.1:${port}`])
  expect(asked).toEqual([
    ['GET', '/1.0', 'yes', ''],
    ['POST', '/1.0/images', 'yes', 'text'],
    ['DELETE', '/1.0/events', 'yes', ''],
  ])
})
