import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { serveHung } from './serve-hung.ts'
import { runCommand, startCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-report-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const environment = { MY_SECRET: 's&cr"t' }
const run = (...args: string[]) => runCommand(args, { cwd, environment })
const read = (name: string): string => readFileSync(join(cwd, name), 'utf8')

let server: OpenServer
beforeAll(async () => {
  server = await openEmbedded(cwd, { dialect: 'lxd' })
  makeImage(join(cwd, 'a.tar.gz'), 'a')
  const image = `{ name: web, source: { file: a.tar.gz }, properties: { key: "$\{MY_SECRET}" } }`
  writeFileSync(
    join(cwd, 'images.yaml'),
    `version: 1\nname: n\nservers: { it: ${server.yaml}, down: { url: "https://127.0.0.1:1" } }\nimages: [${image}]\n`,
  )
})
afterAll(() => server.close())

test("plan and apply write reports in the format of the file's extension, without secrets", async () => {
  expect((await run('plan', '--server', 'it', '--report', 'plan.md')).code).toBe(0)
  expect(read('plan.md')).toContain('**Plan: 2 changes to do')
  // Errors of other programs may quote the secret in a form that is not found.
  expect(statSync(join(cwd, 'plan.md')).mode & 0o777).toBe(0o600)
  const applied = await run('apply', '--yes', '--report', 'report.html')
  expect(applied.code).toBe(1)
  expect(read('report.html')).toContain('<td class="done" title="web on it: changed">')
  expect(read('report.html')).toContain('title="web on down: could not be read"')
  expect(read('report.html')).toContain('<h1>Not all done: 2 changes')
  expect((await run('apply', '--yes', '--server', 'it', '--report', 'report.json')).code).toBe(0)
  expect(JSON.parse(read('report.json'))).toMatchObject({
    format: 'hyperkit-report',
    run: 'apply',
    servers: [{ name: 'it', state: 'in-sync', cells: [{ image: 'web', state: 'in-sync' }] }],
  })
  const both = ['--report', 'both.md', '--report', 'both.html']
  expect((await run('plan', '--server', 'it', ...both)).code).toBe(0)
  expect([read('both.md'), read('both.html')]).toEqual([
    expect.stringContaining('No changes'),
    expect.stringContaining('No changes'),
  ])
  for (const file of ['plan.md', 'report.html', 'report.json']) expect(read(file)).not.toMatch(/s&(amp;)?cr/)
})

test('"plan --out -" writes the saved plan alone to stdout, and a report behind a link replaces the file there', async () => {
  writeFileSync(join(cwd, 'shared.md'), 'old')
  symlinkSync('shared.md', join(cwd, 'link.md'))
  writeFileSync(
    join(cwd, 'empty.yaml'),
    `version: 1\nname: n2\nservers: { it: ${server.yaml} }\nimages: []\n`,
  )
  const words = ['plan', 'empty.yaml', '--allow-empty', '--out', '-', '--report', 'link.md']
  const { code, stdout, stderr } = await run(...words)
  expect([code, stderr]).toEqual([0, expect.stringContaining('No changes')])
  expect(JSON.parse(stdout)).toMatchObject({ format: 'hyperkit-saved-plan', seen: { paths: ['empty.yaml'] } })
  expect([readlinkSync(join(cwd, 'link.md')), read('shared.md')]).toEqual([
    'shared.md',
    expect.stringContaining('No changes'),
  ])
})

test('a report file that cannot be written is refused before the run', async () => {
  await server.client.aliases.delete('web')
  for (const [file, why] of [
    ['report.pdf', 'its name must end in .json, .md or .html'],
    ['no/such/report.md', 'there is no such directory'],
  ] as const) {
    const { code, stdout, stderr } = await run('apply', '--yes', '--server', 'it', '--report', file)
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining(why)])
    expect(existsSync(join(cwd, file))).toBe(false)
  }
  expect(await server.client.aliases.find('web')).toBeUndefined()
})

test('a report and a notification contain what was done before an interruption while one server hangs', async () => {
  const hung = await serveHung('silent', '1h')
  const image = '{ name: late, source: { file: late.tar.gz } }'
  makeImage(join(cwd, 'late.tar.gz'), 'late')
  writeFileSync(
    join(cwd, 'late.yaml'),
    `version: 1\nname: late\nservers: { it: ${server.yaml}, hung: ${hung.yaml} }\nimages: [${image}]\n`,
  )
  try {
    const more = ['--report', 'late.json', '--notify', 'cat >notified.json']
    const command = await startCommand(['apply', '--yes', 'late.yaml', ...more], { cwd })
    await command.shows('created alias late')
    // Deno reports no exit code after `child.kill`.
    process.kill(command.child.pid ?? 0, 'SIGTERM')
    expect((await command.ended).code).toBe(143)
    for (const name of ['late.json', 'notified.json'])
      expect(JSON.parse(read(name))).toMatchObject({
        run: 'apply',
        summary: { serversUnread: 1, changesDone: 2 },
        servers: [{ name: 'it' }, { name: 'hung', state: 'unknown' }],
      })
  } finally {
    hung.close()
  }
})
