import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { reconcilerCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-output-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
let server: OpenServer
beforeAll(async () => {
  server = await openEmbedded(cwd, { dialect: 'incus' })
})
afterAll(() => server.close())

/** Runs the command from a shell, whose redirections can close a descriptor. */
async function apply(manifest: string, redirection: string): Promise<{ code: number | null; shown: string }> {
  const words = [...(await reconcilerCommand()), 'apply', manifest, '--yes']
  const child = spawn('sh', ['-c', `exec "$0" "$@" ${redirection}`, ...words], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: process.env,
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, shown: stdout + stderr }
}

test.runIf(process.platform === 'linux').each([
  ['stdout on a full disk', '> /dev/full', 1],
  ['stderr on a full disk', '2> /dev/full', 0],
  ['no stdout', '>&-', 0],
  ['no stderr', '2>&-', 0],
] as const)('an apply with %s does its work and releases its lock', async (name, redirection, expected) => {
  const alias = name.replaceAll(' ', '-')
  makeImage(join(cwd, 'a.tar.gz'), alias)
  writeFileSync(
    join(cwd, 'images.yaml'),
    `version: 1\nname: n\nservers: { it: ${server.yaml} }\nimages: [{ name: ${alias}, source: { file: a.tar.gz } }]\n`,
  )
  const { code, shown } = await apply('images.yaml', redirection)
  expect([code, shown]).toEqual([expected, expect.not.stringMatching(/^ +at /m)])
  if (expected === 1)
    expect(shown).toContain(
      'to stdout: the disk is full; the work was done, but what it printed is not complete',
    )
  const names = (await server.client.aliases.list()).map((each) => each.name)
  expect(names).toContain(alias)
  expect(names.filter((each) => each.startsWith('hyperkit.lock'))).toEqual([])
})
