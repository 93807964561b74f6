import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import {
  type AuditLine,
  applyPlan,
  loadManifest,
  openAudit,
  planManifest,
  watchManifest,
} from '@hyperkit/reconcile'
import { auditSchema } from '@hyperkit/reconcile/documents'
import { lockAliasOf, takeLock } from '@hyperkit/reconcile/parts'
import * as v from 'valibot'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-audit-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const path = join(cwd, 'images.yaml')

let server: OpenServer
beforeAll(async () => {
  vi.stubEnv('THE_TOKEN', 'not-for-logs')
  server = await openEmbedded(cwd, { dialect: 'incus' })
  makeImage(join(cwd, 'a.tar.gz'), 'a')
  writeFileSync(
    path,
    `version: 1\nname: base\nservers: { it: ${server.yaml} }\nimages: [{ name: web, source: { file: a.tar.gz }, properties: { key: "\${THE_TOKEN}" } }]\n`,
  )
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.close()
})
beforeEach(async () => {
  for (const { fingerprint } of await server.client.images.list())
    await server.client.images.delete(fingerprint)
})

const load = () => loadManifest(path)
const shortOf = ({ event, outcome, server: on, action, alias }: AuditLine): string =>
  [event, outcome, on, action, alias].filter((each) => each !== undefined).join(' ')

test('apply and watch have a line before and after each change, without secrets', async () => {
  const lines: AuditLine[] = []
  const manifest = await load()
  await applyPlan(await planManifest(manifest), { manifest, audit: (line) => void lines.push(line) })
  expect(lines.map(shortOf)).toEqual([
    'begun it upload-image',
    'ended done it upload-image',
    'begun it create-alias web',
    'ended done it create-alias web',
  ])
  const [begun] = lines
  expect(begun).toMatchObject({
    command: 'applyPlan',
    user: expect.stringContaining(`@${hostname()}`),
    uid: process.getuid?.(),
    manifest: 'base',
    image: 'web',
    from: null,
    to: {
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      attributes: { 'properties.key': `\${THE_TOKEN}` },
    },
  })
  expect(new Set(lines.map(({ run }) => run)).size).toBe(1)

  await server.client.aliases.delete('web')
  const watched: AuditLine[] = []
  const ending = new AbortController()
  await watchManifest(manifest, {
    signal: ending.signal,
    audit(line) {
      watched.push(line)
      if (line.event === 'ended') ending.abort()
    },
  })
  expect(watched.map(shortOf)).toEqual(['begun it create-alias web', 'ended done it create-alias web'])
})

test('a change that cannot be recorded is not made, and one that was made keeps its outcome', async () => {
  const manifest = await load()
  const full = await openAudit('/dev/full')
  const refused = await applyPlan(await planManifest(manifest), { manifest, audit: full.write })
  await full.close()
  expect(refused.servers).toMatchObject([
    {
      status: 'failed',
      results: [
        {
          outcome: 'skipped',
          error: {
            code: 'file-unwritable',
            message: 'not started: Cannot audit to "/dev/full": the disk is full',
          },
        },
        { outcome: 'skipped' },
      ],
    },
  ])
  expect(await server.client.images.list()).toEqual([])

  const { servers } = await applyPlan(await planManifest(manifest), {
    manifest,
    audit({ event }) {
      if (event === 'ended') throw new Error('the disk is full')
    },
  })
  expect(servers[0]?.results).toMatchObject([
    { outcome: 'done', warnings: ['the audit does not have how it ended: the disk is full'] },
    { outcome: 'done' },
  ])
})

test('the commands append to one private file; a dry run does not write to it, and force-unlock is recorded too', async () => {
  const file = join(cwd, 'audit.ndjson')
  const run = (...args: string[]) => runCommand([...args, '-f', path, '--audit', file], { cwd })
  const manifest = await load()
  await applyPlan(await planManifest(manifest), { manifest })
  await server.client.aliases.delete('web')
  expect(await run('apply', '--dry-run')).toMatchObject({ code: 0 })
  expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
  expect(await run('apply', '--yes')).toMatchObject({ code: 0 })

  const [{ fingerprint } = { fingerprint: '' }] = await server.client.images.list()
  await takeLock(server.client, {
    manifest: 'base',
    owner: 'them@there',
    run: randomUUID(),
    aliases: ['web'],
    timeout: 0,
    signal: new AbortController().signal,
  })
  expect((await server.client.aliases.get(lockAliasOf('base'))).target).toBe(fingerprint)
  expect(await run('force-unlock', '--yes')).toMatchObject({ code: 0 })

  const text = readFileSync(file, 'utf8')
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => v.parse(auditSchema, JSON.parse(line)))
  expect(lines.map(shortOf)).toEqual([
    'begun it create-alias web',
    'ended done it create-alias web',
    'begun it release-lock',
    'ended done it release-lock',
  ])
  expect(lines.map(({ command }) => command.split(' ')[1])).toEqual([
    'apply',
    'apply',
    'force-unlock',
    'force-unlock',
  ])
  expect(lines[3]?.from).toEqual({ holder: 'them@there' })
  expect(statSync(file).mode & 0o777).toBe(0o600)
})
