import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { failCreations, makeImage } from '@hyperkit/conformance'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type OpenServer, openEmbedded, type Remotes, writeRemotes } from './open-remotes.ts'
import { type Ended, runHyperkit, startHyperkit } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-warnings-'))
const instances = [{ name: 'web' }]
/** The error of a server that has the image nevertheless, and the warning for the user. */
const words = 'Failed syncing image between nodes: Failed copying image to "m2": Forbidden'
const warning =
  /^Warning: Cannot .*Failed syncing image .*; image [0-9a-f]{64} is complete on the server nevertheless$/m
const [from, to] = [failCreations(), failCreations()]
const opened: OpenServer[] = []
let remotes: Remotes
let run: (...args: string[]) => Promise<Ended>
/** Whether the target leaves requests for `/wait` unanswered. */
let isHeld = false
let waited = (): void => {}

beforeAll(async () => {
  opened.push(
    await openEmbedded({ dialect: 'lxd-6.9', instances, faults: from.faults }),
    await openEmbedded({
      dialect: 'lxd-6.9',
      async faults(request, answer) {
        if (!isHeld || !request.url.includes('/wait')) return to.faults(request, answer)
        waited()
        return new Promise(() => {})
      },
    }),
  )
  const [source, target] = opened
  if (source === undefined || target === undefined) return
  remotes = writeRemotes(cwd, { from: source, to: target })
  run = (...args) => runHyperkit(args, { cwd, environment: remotes.environment })
})
afterAll(async () => {
  for (const server of opened) await server.close()
  rmSync(cwd, { recursive: true, force: true })
})
beforeEach(() => {
  from.words = undefined
  to.words = undefined
})

test('an import that the server reports as failed warns if the image is there, with --quiet and in JSON too', async () => {
  const { fingerprint } = await makeImage({ directory: cwd, name: 'one', seed: 'one' })
  to.words = words
  const { code, stdout, stderr } = await run('import', 'one.tar.gz', 'to:', '--alias', 'one', '--json', '-q')
  expect([code, stderr]).toEqual([0, expect.stringMatching(warning)])
  expect(JSON.parse(stdout)).toEqual({ fingerprint, warnings: [expect.stringContaining(words)] })
  expect((await (await remotes.client('to')).aliases.get('one')).target).toBe(fingerprint)
})

test('an import without problems has no warnings', async () => {
  const { fingerprint } = await makeImage({ directory: cwd, name: 'two', seed: 'two' })
  const { code, stdout, stderr } = await run('import', 'two.tar.gz', 'to:', '--json', '-q')
  expect([code, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toEqual({ fingerprint })
})

test('a publish that the server reports as failed warns if the image is there', async () => {
  from.words = words
  const { code, stdout, stderr } = await run('publish', 'from:web', '--alias', 'web', '--json')
  expect([code, stderr]).toEqual([0, expect.stringMatching(warning)])
  expect(JSON.parse(stdout)).toMatchObject({ warnings: [expect.stringContaining(words)] })
})

test.for(['pull', 'push', 'relay'] as const)(
  'a copy by %s that the server reports as failed warns if the image is there, and tries no other mode',
  async (mode) => {
    const name = `copied-${mode}`
    const { path, fingerprint } = await makeImage({ directory: cwd, name, seed: name })
    expect((await run('import', path, 'from:', '--alias', name)).code).toBe(0)
    // A push is an operation of the source.
    if (mode === 'push') from.words = words
    else to.words = words
    const { code, stdout, stderr } = await run('copy', `from:${name}`, 'to:', '--mode', mode, '--json')
    expect([code, stderr]).toEqual([0, expect.stringMatching(warning)])
    expect(stderr).not.toContain('Not by')
    expect(JSON.parse(stdout)).toEqual([
      { image: `from:${name}`, fingerprint, server: 'to', mode, warnings: [expect.stringContaining(words)] },
    ])
  },
)

test('an import that is interrupted when its image is stored says that the image stays', async () => {
  const { path, fingerprint } = await makeImage({ directory: cwd, name: 'left', seed: 'left' })
  const isWaitedFor = new Promise<void>((resolve) => {
    waited = resolve
  })
  isHeld = true
  const { images } = await remotes.client('to')
  const { child, ended } = await startHyperkit(['import', path, 'to:'], {
    cwd,
    environment: remotes.environment,
  })
  await isWaitedFor
  while ((await images.find(fingerprint)) === undefined) await delay(20)
  // `child.kill` cannot be used: Deno reports no exit code after it.
  process.kill(child.pid ?? 0, 'SIGINT')
  const { code, stderr } = await ended
  isHeld = false
  expect(code).toBe(130)
  expect(stderr).toMatch(
    new RegExp(
      `^Warning: The request to upload .* "to" was aborted, but image ${fingerprint} stays there;`,
      'm',
    ),
  )
})
