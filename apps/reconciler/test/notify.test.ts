import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'
import { startWatch } from './start-watch.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-notify-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const environment = { MY_SECRET: 's3cr3t/value' }
const apply = (...args: string[]) => runCommand(['apply', '--yes', ...args], { cwd, environment })
const read = (name: string): string => readFileSync(join(cwd, name), 'utf8')

let server: OpenServer
let hook: { url: string; requests: { headers: Record<string, unknown>; body: string }[]; status: number }

beforeAll(async () => {
  server = await openEmbedded(cwd, { dialect: 'incus' })
  makeImage(join(cwd, 'a.tar.gz'), 'a')
  writeFileSync(
    join(cwd, 'tell.sh'),
    '#!/bin/sh\ncat > stdin.json\ncp "$HYPERKIT_REPORT" file.json\necho "$1 $HYPERKIT_MANIFEST $HYPERKIT_CHANGES_DONE" > words\n',
    { mode: 0o755 },
  )
  const listener = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request.setEncoding('utf8')) body += piece
    hook.requests.push({ headers: request.headers, body })
    response.writeHead(hook.status).end('noted')
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  hook = {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/hook/x`,
    requests: [],
    status: 204,
  }
  return () => listener.close()
})
afterAll(() => server.close())
beforeEach(async () => {
  for (const { fingerprint } of await server.client.images.list())
    await server.client.images.delete(fingerprint)
  for (const name of ['stdin.json', 'file.json', 'words']) rmSync(join(cwd, name), { force: true })
})

const write = (notify: string): void =>
  writeFileSync(
    join(cwd, 'images.yaml'),
    `version: 1\nname: base\nservers: { it: ${server.yaml}, down: { url: "https://127.0.0.1:1" } }\n` +
      `images: [{ name: web, source: { file: a.tar.gz }, servers: [it], properties: { key: "$\{MY_SECRET}" } }]\n${notify}\n`,
  )

test('a command gets the report of a run that changed something, on its input and as a file, without secrets', async () => {
  write('notify: { command: [./tell.sh, "a word"] }')
  expect(await apply()).toMatchObject({ code: 0, stderr: expect.not.stringContaining('notify') })
  const report = JSON.parse(read('stdin.json'))
  expect(report).toMatchObject({ format: 'hyperkit-report', run: 'apply', summary: { changesNotDone: 0 } })
  expect(read('file.json')).toBe(read('stdin.json'))
  expect(read('stdin.json')).not.toContain('s3cr3t')
  expect(read('words')).toBe(`a word base ${report.summary.changesDone}\n`)

  rmSync(join(cwd, 'words'))
  expect((await apply()).code).toBe(0)
  expect(existsSync(join(cwd, 'words'))).toBe(false)
})

test('--notify runs a shell command, and its failure or timeout is only a warning', async () => {
  write('')
  const failed = await apply('--notify', 'cat > stdin.json; echo too bad >&2; exit 3')
  expect(failed.code).toBe(0)
  expect(failed.stderr).toContain(
    'Cannot notify with "cat > stdin.json; echo too bad >&2; exit 3": the command exited with 3: "too bad"',
  )
  expect(JSON.parse(read('stdin.json')).format).toBe('hyperkit-report')

  await server.client.aliases.delete('web')
  write('notify: { command: [sleep, "600"], timeout: 0.2 }')
  const late = await apply()
  expect(late.code).toBe(0)
  expect(late.stderr).toContain(
    'Cannot notify with "sleep 600": the command did not exit within 0.2 s and was stopped',
  )

  await server.client.aliases.delete('web')
  write('notify: { command: [./no-such-program] }')
  expect(await apply()).toMatchObject({ code: 0, stderr: expect.stringContaining('Cannot notify with "') })
})

test('a webhook gets the report, even of a run that failed', async () => {
  write(`notify: { webhook: { url: "${hook.url}", headers: { Authorization: "Bearer $\{MY_SECRET}" } } }`)
  writeFileSync(join(cwd, 'images.yaml'), read('images.yaml').replace('servers: [it]', 'servers: [it, down]'))
  expect((await apply()).code).toBe(1)
  const [request] = hook.requests.splice(0)
  expect(request?.headers).toMatchObject({
    authorization: 'Bearer s3cr3t/value',
    'content-type': 'application/json',
  })
  expect(JSON.parse(request?.body ?? '')).toMatchObject({ summary: { serversUnread: 1 } })
  expect(request?.body).not.toContain('s3cr3t')

  hook.status = 500
  const { code, stderr } = await apply()
  expect(code).toBe(1)
  // The path may be a secret that gives access.
  expect(stderr).toContain(
    `Cannot notify "${new URL(hook.url).origin}": the web server answered with status 500`,
  )
  hook.requests.splice(0)
})

test('a watch notifies about each run that changed something, and about a failure once', async () => {
  hook.status = 204
  write(`notify: { webhook: { url: "${hook.url}" } }`)
  const watch = await startWatch(['--yes'], { cwd, environment })
  await watch.until(async () => hook.requests.length === 1)
  await server.client.aliases.delete('web')
  await watch.until(async () => hook.requests.length === 2)
  rmSync(join(cwd, 'a.tar.gz'))
  writeFileSync(join(cwd, 'images.yaml'), read('images.yaml').replace('name: web, ', 'name: web2, '))
  await watch.until(async () => (await watch.metric('hyperkit_runs_total{result="changed"}')) === 3)
  await watch.until(async () => hook.requests.length === 3)

  writeFileSync(join(cwd, 'images.yaml'), read('images.yaml').replace('a.tar.gz', 'b.tar.gz'))
  await watch.until(async () => hook.requests.length === 4)
  expect(JSON.parse(hook.requests[3]?.body ?? '').refusals).toMatchObject([
    expect.stringMatching(/images\.yaml:4:\d+: .*b\.tar\.gz/),
  ])
  for (const failures of [2, 3]) {
    process.kill(watch.child.pid ?? 0, 'SIGHUP')
    await watch.until(async () => (await watch.sum('hyperkit_runs_total', 'failed')) >= failures)
  }
  expect(hook.requests).toHaveLength(4)
  makeImage(join(cwd, 'b.tar.gz'), 'b')
  await watch.until(async () => hook.requests.length === 5)
  await watch.until(async () => (await watch.metric('hyperkit_notifications_total{result="done"}')) === 5)
  expect((await watch.end('SIGTERM')).code).toBe(143)
  makeImage(join(cwd, 'a.tar.gz'), 'a')
})

test('a second signal ends a watch at once, and with it the command that it waits for', async () => {
  write(
    'notify: { command: [sh, -c, "echo $HYPERKIT_REPORT > file; echo $$ > pid; exec sleep 600"], timeout: 600 }',
  )
  const watch = await startWatch(['--yes'], { cwd, environment })
  await watch.until(async () => existsSync(join(cwd, 'pid')) && read('pid') !== '')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(watch.child.pid ?? 0, signal)
  expect([130, 143]).toContain((await watch.ended).code)
  const isAlive = (): boolean => {
    try {
      // A process that has ended but was not waited for is a zombie, which has no command line.
      return readFileSync(`/proc/${read('pid').trim()}/cmdline`, 'utf8') !== ''
    } catch {
      return false
    }
  }
  expect(existsSync(read('file').trim())).toBe(false)
  while (isAlive()) await new Promise((resolve) => setTimeout(resolve, 20))
})

test('problems in "notify" are reported with their place', async () => {
  for (const [notify, why] of [
    ['notify: { on: [change] }', '"notify" needs "command", "webhook", or both'],
    ['notify: { command: [] }', '"command" must name a program'],
    ['notify: { webhook: { url: "http://example.org/" } }', '"url" must be an address such as'],
    ['notify: { command: [x], on: [failures] }', '"on" must be'],
    ['notify: { command: [x], when: always }', 'unknown key "when"'],
  ] as const) {
    write(notify)
    const { code, stderr } = await runCommand(['validate'], { cwd, environment })
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^images\.yaml:5:\d+: /)])
    expect(stderr).toContain(why)
  }
})
