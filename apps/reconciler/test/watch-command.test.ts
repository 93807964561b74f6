import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { watchSchema } from '@hyperkit/reconcile/documents'
import * as v from 'valibot'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand, startCommand } from './start-command.ts'
import { startWatch } from './start-watch.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-watchcmd-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const run = (...args: string[]) => runCommand(['watch', ...args], { cwd })

let server: OpenServer
/** If set, uploads are answered only after it resolves. */
let held: Promise<void> | undefined
beforeAll(async () => {
  server = await openEmbedded(cwd, {
    dialect: 'lxd',
    faults: async (request, answer) => {
      if (request.method === 'POST' && new URL(request.url).pathname === '/1.0/images') await held
      return answer()
    },
  })
  makeImage(join(cwd, 'a.tar.gz'), 'a')
  makeImage(join(cwd, 'b.tar.gz'), 'b')
})
afterAll(() => server.close())
beforeEach(async () => {
  for (const { fingerprint } of await server.client.images.list())
    await server.client.images.delete(fingerprint)
  write('images.yaml', ['web', 'db'])
})

const write = (file: string, names: readonly string[], more = ''): void => {
  const files: Readonly<Record<string, string>> = { web: 'a.tar.gz', db: 'b.tar.gz' }
  const images = names.map((name) => `  - { name: ${name}, source: { file: ${files[name]} } }\n`).join('')
  writeFileSync(
    join(cwd, file),
    `version: 1\nname: base\nservers: { it: ${server.yaml}, other: ${server.yaml} }\n` +
      `defaults: { servers: [it] }\nimages:\n${images}${more}`,
  )
}

/** The documents that a watch with --json printed, and the error document that ends the output of a failed command. */
function readLines(stdout: string) {
  const lines = stdout.trim().split('\n')
  const last = JSON.parse(lines.at(-1) ?? '') as { format: string; error?: object }
  expect(last.format).toBe('hyperkit-error')
  return {
    documents: lines.slice(0, -1).map((line) => v.parse(watchSchema, JSON.parse(line))),
    error: last.error,
  }
}

test('a watch without --yes changes nothing if there is no terminal, and names the flag', async () => {
  const { code, stderr } = await run('--no-listen')
  expect([code, stderr]).toEqual([1, expect.stringContaining('give --yes to change servers, or --dry-run')])
  expect(await server.client.images.list()).toEqual([])
})

test.each([
  [['--listen', ':9464'], 'an address such as 127.0.0.1:9464'],
  [['--interval', '0s'], 'it must be at least 1s'],
  [['--jitter', 'some'], 'a duration such as 90, 500ms, 30s, 5m or 1h30m'],
  [['--schedule', '61 * * * *'], 'it is not a cron pattern: Invalid value for minute: 61\n'],
  [['--schedule', '0 0 30 2 *'], 'it is not a cron pattern: it never matches\n'],
  [['--schedule', '2199-01-01T00:00:00'], 'it is not a cron pattern: it matches only once\n'],
  [['--server', 'itt'], 'did you mean "it"?'],
  [['--allow-empty'], 'unknown flag "--allow-empty"'],
  [['no-such.yaml'], 'Cannot read manifest "no-such.yaml": there is no such file'],
])('watch %j is refused', async (args, why) => {
  const { code, stderr } = await run('--yes', '--no-listen', ...args)
  expect([code, stderr]).toEqual([1, expect.stringContaining(why)])
})

test('a watch serves read-only pages, and metrics in the format of Prometheus', async () => {
  const watch = await startWatch(['--yes'], { cwd })
  const [, address = ''] = /http:\/\/(\S+)\/healthz/.exec(await watch.shows('/healthz')) ?? []
  expect(address).toMatch(/^127\.0\.0\.1:\d+$/)
  expect((await run('--yes', '--listen', address)).stderr).toContain(
    `Cannot listen on "${address}": the address is already in use`,
  )
  expect(await watch.get('/healthz')).toMatchObject({ status: 200, text: 'alive\n' })
  expect(await watch.get('/readyz')).toMatchObject({ status: 200, text: 'it: ok\n' })
  expect(await watch.get('/')).toMatchObject({ status: 404 })
  expect(await fetch(`http://${address}/metrics`, { method: 'POST' })).toMatchObject({ status: 405 })
  const { type, text } = await watch.get('/metrics')
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
  for (const line of text.trimEnd().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? [0-9.e+]+)$/)
  expect(text).toMatch(
    /^hyperkit_build_info\{version="[^"]+",runtime="(node|bun|deno)",runtime_version="[^"]+"\} 1$/m,
  )
  expect(text).toContain('hyperkit_changes_total{server="it",action="upload-image",outcome="done"} 2')
  expect(await watch.metric('hyperkit_sent_bytes_total{server="it"}')).toBe(
    statSync(join(cwd, 'a.tar.gz')).size + statSync(join(cwd, 'b.tar.gz')).size,
  )
  expect(await watch.metric('hyperkit_last_success_timestamp_seconds{server="it"}')).toBeGreaterThan(1.7e9)
  expect((await watch.end('SIGTERM')).code).toBe(143)
})

test('--quiet leaves only errors of a watch on stderr, and changes on stdout', async () => {
  const { child, ended, shows } = await startCommand(
    ['watch', '--yes', '--quiet', '--settle', '100ms', '--listen', '127.0.0.1:0'],
    { cwd },
  )
  await shows('it: created alias db')
  writeFileSync(join(cwd, 'images.yaml'), 'version: 0\n')
  await shows('the last valid one stays in use')
  write('images.yaml', ['web'])
  await delay(1000)
  process.kill(child.pid ?? 0, 'SIGTERM')
  const { stdout, stderr } = await ended
  expect(stdout.trimEnd().split('\n')).toHaveLength(4)
  const [refused, ...others] = stderr
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('images.yaml:'))
  expect(refused).toContain('the manifest is not valid')
  expect(others).toEqual([expect.stringContaining('Interrupted by SIGTERM')])
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s cancels what a watch is doing and exits %i', async (signal, code) => {
  let release = (): void => {}
  held = new Promise((resolve) => {
    release = resolve
  })
  const args = ['watch', '--yes', '--json', '--no-listen', '--progress', 'json']
  const { child, ended, shows } = await startCommand(args, { cwd })
  await shows('"event":"begun"')
  // `child.kill` cannot be used: Deno reports no exit code after it.
  process.kill(child.pid ?? 0, signal)
  const result = await ended
  release()
  held = undefined
  expect(result.code).toBe(code)
  expect(await server.client.aliases.find('web')).toBeUndefined()
  const { documents, error } = readLines(result.stdout)
  expect(documents.at(-1)).toMatchObject({ event: 'run', reasons: ['start'], result: 'interrupted' })
  expect(error).toMatchObject({ code: 'interrupted', message: expect.stringContaining(signal) })
})

test('the schedule checks all servers, and a shrunken manifest is refused once and empties no server', async () => {
  write('images.yaml', ['web', 'db'], 'prune: {}\n')
  const watch = await startWatch(['--yes', '--json', '--interval', '1s', '--jitter', '0s'], { cwd })
  await watch.until(async () => (await watch.sum('hyperkit_run_reasons_total', '"schedule"')) >= 1)
  write('images.yaml', ['web'], 'prune: {}\n')
  await watch.until(async () => (await watch.sum('hyperkit_runs_total', '"refused"')) >= 2)
  expect(await watch.get('/readyz')).toMatchObject({ status: 503 })
  expect(await server.client.aliases.find('db')).toBeDefined()
  write('images.yaml', ['web', 'db'], 'prune: {}\n')
  await watch.until(async () => (await watch.get('/readyz')).status === 200)
  const { stdout } = await watch.end('SIGTERM')
  const { documents } = readLines(stdout)
  const messages = documents.flatMap((each) => (each.event === 'message' ? [each.message] : []))
  expect(messages.filter((message) => message.includes('no longer names "db" there'))).toHaveLength(1)
  expect(messages.at(-1)).toBe('all servers have recovered')
  expect(documents).toContainEqual(expect.objectContaining({ event: 'manifest', state: 'loaded' }))
})

test('--target watches a part of the manifest', async () => {
  const watch = await startWatch(['--yes', '--target', 'web'], { cwd })
  expect(await server.client.aliases.find('web')).toBeDefined()
  expect(await server.client.aliases.find('db')).toBeUndefined()
  await watch.end('SIGTERM')
})
