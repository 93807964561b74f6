import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { progressSchema } from '@hyperkit/reconcile/documents'
import { openConsole } from '@hyperkit/script/command'
import { openScreen, streamOutlet } from '@hyperkit/terminal'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-progress-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe('apply', () => {
  let server: OpenServer
  /** Whether the server refuses new aliases. */
  let isRefusing = false
  beforeAll(async () => {
    server = await openEmbedded(cwd, {
      dialect: 'incus',
      faults: (request, answer) =>
        isRefusing && request.method === 'POST' && new URL(request.url).pathname.endsWith('/aliases')
          ? Promise.resolve(new Response('no', { status: 500 }))
          : answer(),
    })
    makeImage(join(cwd, 'a.tar.gz'), 'a')
    const manifest = (servers: string): string =>
      `version: 1\nname: n\nservers: { ${servers} }\nimages: [{ name: a, source: { file: a.tar.gz } }]\n`
    writeFileSync(join(cwd, 'images.yaml'), manifest(`it: ${server.yaml}`))
    writeFileSync(join(cwd, 'none.yaml'), manifest('it: { remote: nowhere-at-all }'))
  })
  afterAll(() => server.close())

  const eventsOf = (stderr: string) =>
    stderr
      .trimEnd()
      .split('\n')
      .map((line) => v.parse(progressSchema, JSON.parse(line)))

  test('--progress json writes one documented document per line, and nothing else, on stderr', async () => {
    const refused = await runCommand(['apply', '--progress', 'json'], { cwd })
    expect(refused.code).toBe(1)
    expect(eventsOf(refused.stderr).map(({ event }) => event)).toEqual(['planned', 'message'])

    const { code, stdout, stderr } = await runCommand(['apply', '--yes', '--json', '--progress=json'], {
      cwd,
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ format: 'hyperkit-apply' })
    const events = eventsOf(stderr)
    expect(events.filter(({ event }) => event !== 'moved')).toMatchObject([
      { event: 'planned', summary: { imagesToUpload: 1 } },
      { event: 'begun', server: 'it', action: 'upload-image', image: 'a' },
      { event: 'ended', action: 'upload-image', outcome: 'done' },
      { event: 'begun', action: 'create-alias', alias: 'a' },
      { event: 'ended', action: 'create-alias', outcome: 'done' },
    ])
    const moved = events.filter((event) => event.event === 'moved')
    expect(moved.length).toBeGreaterThan(0)
    expect(moved.at(-1)).toMatchObject({ percent: 100 })
  })

  test('--quiet leaves out the progress of an apply, and keeps its result', async () => {
    await server.client.aliases.delete('a')
    const loud = await runCommand(['apply', '--yes'], { cwd })
    expect(loud).toMatchObject({ code: 0, stderr: expect.stringContaining('it: created alias a') })
    for (const words of [['-q'], ['--quiet', '--progress', 'json'], ['-q', '--json']]) {
      await server.client.aliases.delete('a')
      const { code, stdout, stderr } = await runCommand(['apply', '--yes', ...words], { cwd })
      expect([code, stderr, words.includes('--json') || stdout.includes('created')]).toEqual([0, '', true])
    }
  })

  test('an error is an event of --progress json', async () => {
    const { code, stderr } = await runCommand(['apply', 'no-such.yaml', '--progress', 'json'], { cwd })
    expect([code, eventsOf(stderr)]).toEqual([
      1,
      [
        expect.objectContaining({
          event: 'message',
          message: expect.stringContaining('there is no such file'),
        }),
      ],
    ])
  })

  test('--progress refuses an unknown kind, and shows nothing with "none"', async () => {
    const { code, stderr } = await runCommand(['apply', '--progress', 'jsn'], { cwd })
    expect([code, stderr]).toEqual([1, expect.stringContaining('it must be one of auto, plain, json, none')])
    await server.client.aliases.delete('a')
    expect(await runCommand(['apply', '--yes', '--progress', 'none'], { cwd })).toMatchObject({
      code: 0,
      stderr: '',
    })
  })

  test('--quiet keeps the lines about changes that fail', async () => {
    await server.client.aliases.delete('a')
    isRefusing = true
    const lines = await runCommand(['apply', '--yes', '-q'], { cwd })
    expect([lines.code, lines.stderr]).toEqual([
      1,
      expect.stringMatching(/^it: failed, create alias a: .+\n$/),
    ])
    const { code, stderr } = await runCommand(['apply', '--yes', '-q', '--progress', 'json'], { cwd })
    isRefusing = false
    expect([code, eventsOf(stderr)]).toEqual([
      1,
      [expect.objectContaining({ event: 'ended', outcome: 'failed', alias: 'a' })],
    ])
  })
})

test('on a terminal live lines are replaced as a block, and other lines are printed above it', async () => {
  let written = ''
  const stderr = Object.assign(
    new Writable({
      write(chunk, _, done) {
        written += String(chunk)
        done()
      },
    }),
    { isTTY: true, columns: 40, rows: 10 },
  )
  const stdout = new Writable({ write: (_, __, done) => done() })
  const console = openConsole(
    openScreen({ stdout: streamOutlet(stdout), stderr: streamOutlet(stderr), environment: {} }),
    { hasColours: true },
  )
  expect(console.size()).toEqual({ columns: 40, rows: 10 })
  console.live(['one', 'two'])
  console.live(['three'])
  await console.error('done')
  console.live([])
  await console.close()
  expect(written).toBe('one\ntwo\r\u001b[1A\u001b[Jthree\r\u001b[Jdone\n')
})
