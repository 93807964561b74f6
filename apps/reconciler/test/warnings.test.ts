import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { failCreations } from '@hyperkit/conformance'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand, startCommand } from './start-command.ts'
import { startWatch } from './start-watch.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-warnings-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

/** The error of a cluster that has the image nevertheless. */
const words = 'Failed syncing image between nodes: Failed copying image to "m2": Forbidden'
const creations = failCreations()
/** Whether the target leaves requests for `/wait` unanswered. */
let isHeld = false
let waited = (): void => {}
let it: OpenServer
let from: OpenServer

beforeAll(async () => {
  from = await openEmbedded(cwd, { dialect: 'lxd-6.9' })
  it = await openEmbedded(cwd, {
    dialect: 'lxd-6.9',
    instances: [{ name: 'web' }],
    async faults(request, answer) {
      if (!isHeld || !request.url.includes('/wait')) return creations.faults(request, answer)
      waited()
      return new Promise(() => {})
    },
  })
})
afterAll(async () => {
  await from.close()
  await it.close()
})
beforeEach(() => {
  creations.words = words
})

const file = (name: string): string => {
  makeImage(join(cwd, `${name}.tar.gz`), name)
  return `${name}.tar.gz`
}
const write = (name: string, source: string): string => {
  const path = join(cwd, `${name}.yaml`)
  writeFileSync(
    path,
    `version: 1\nname: ${name}\nservers: { it: ${it.yaml}, from: ${from.yaml} }\n` +
      `images: [{ name: ${name}, servers: [it], source: ${source} }]\n`,
  )
  return path
}
const said = expect.stringMatching(
  /^Cannot .*Failed syncing .*; image [0-9a-f]{64} is complete on the server nevertheless$/,
)
const documentsOf = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

const sources: [name: string, source: () => Promise<string>][] = [
  ['an upload', async () => `{ file: ${file('upload')} }`],
  ['a publishing', async () => '{ instance: web }'],
  [
    'a download',
    async () => {
      await uploadImage(from.client, join(cwd, file('pull')), { public: true, aliases: ['pull'] })
      return `{ remote: "${from.url}", protocol: lxd, serverCertificate: "${from.certificateFile}", alias: pull }`
    },
  ],
  [
    'a copy',
    async () => {
      await uploadImage(from.client, join(cwd, file('copy')), { aliases: ['copy'] })
      return '{ server: from, alias: copy }'
    },
  ],
]

test.for(sources)(
  '%s that the server reports as failed counts as done if the image is there, with a warning of that server',
  async ([kind, sourceOf]) => {
    const name = kind.replace(/^\w+ /, '')
    const path = write(name, await sourceOf())
    const reports = ['json', 'md', 'html'].map((extension) => join(cwd, `${name}.${extension}`))
    const more = reports.flatMap((report) => ['--report', report])
    const { code, stdout, stderr } = await runCommand(
      ['apply', '--yes', '--json', '--progress', 'json', ...more, path],
      { cwd },
    )
    expect(code).toBe(0)
    const [first] = JSON.parse(stdout).servers[0].results
    expect(first).toMatchObject({ outcome: 'done', warnings: [said] })
    const documents = documentsOf(stderr)
    const facts = { server: 'it', image: name }
    expect(documents.filter(({ event }) => event === 'warning')).toMatchObject([{ ...facts, message: said }])
    expect(documents.find(({ warnings }) => warnings !== undefined)).toMatchObject({
      event: 'ended',
      outcome: 'done',
      warnings: [said],
      ...facts,
    })
    const [json = '', ...texts] = reports.map((report) => readFileSync(report, 'utf8'))
    expect(JSON.parse(json).servers[0].changes[0]).toMatchObject({ state: 'done', warnings: [said] })
    for (const text of texts)
      expect(text).toMatch(/Warning: Cannot .* is complete on the server nevertheless/)
  },
)

test('a warning is printed with its server while apply goes on, and in the summary', async () => {
  const { code, stdout, stderr } = await runCommand(
    ['apply', '--yes', write('lines', `{ file: ${file('lines')} }`)],
    {
      cwd,
    },
  )
  expect(code).toBe(0)
  expect(stderr).toMatch(
    /^it: warning, upload image lines: Cannot .* is complete on the server nevertheless$/m,
  )
  expect(stdout).toMatch(
    /^it\n {2}! warning: upload image lines: Cannot .* is complete on the server nevertheless\n\nDone: /m,
  )
})

test('a watch reports a warning as an event of its server', async () => {
  const watch = await startWatch(['--yes', '--json', write('watched', `{ file: ${file('watched')} }`)], {
    cwd,
  })
  const { stdout } = await watch.end('SIGTERM')
  const documents = documentsOf(stdout)
  const facts = { server: 'it', action: 'upload-image', image: 'watched' }
  expect(documents.filter(({ event }) => event === 'warning')).toMatchObject([{ ...facts, message: said }])
  expect(documents.find(({ event }) => event === 'change')).toMatchObject({ ...facts, warnings: [said] })
})

test('an apply that is interrupted when its image is stored says that the image stays', async () => {
  creations.words = undefined
  const name = 'left'
  const path = write(name, `{ file: ${file(name)} }`)
  const { fingerprint } = await fingerprintOf(join(cwd, `${name}.tar.gz`))
  const isWaitedFor = new Promise<void>((resolve) => {
    waited = resolve
  })
  isHeld = true
  const { child, ended } = await startCommand(['apply', '--yes', '--json', path], { cwd })
  await isWaitedFor
  while ((await it.client.images.find(fingerprint)) === undefined) await delay(20)
  // `child.kill` cannot be used: Deno reports no exit code after it.
  process.kill(child.pid ?? 0, 'SIGINT')
  const { code, stdout, stderr } = await ended
  isHeld = false
  expect(code).toBe(130)
  const stays = `"${it.url}" was aborted, but image ${fingerprint} stays there`
  expect(JSON.parse(stdout).servers[0].results[0]).toMatchObject({
    outcome: 'interrupted',
    warnings: [expect.stringMatching(new RegExp(`^The request to upload .*${stays}`))],
  })
  expect(stderr).toMatch(new RegExp(`it: warning, upload image ${name}: The request to upload .*${stays}`))
})
