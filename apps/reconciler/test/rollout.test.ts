import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf } from '@hyperkit/files'
import {
  type ApplyReport,
  applyPlan,
  loadManifest,
  planManifest,
  planRollback,
  readPlanFile,
  renderPlan,
  renderReport,
  type WatchEvent,
  watchManifest,
  writePlanFile,
} from '@hyperkit/reconcile'
import { applyDocumentSchema, planDocumentSchema, runReportSchema } from '@hyperkit/reconcile/documents'
import { describePlan } from '@hyperkit/reconcile/parts'
import * as v from 'valibot'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { applyOf, planOf } from './plan-and-apply.ts'
import { type HungServer, serveHung } from './serve-hung.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-rollout-'))
const file = join(cwd, 'a.tar.gz')
const log = join(cwd, 'log')
const fail = join(cwd, 'fail')
const servers: OpenServer[] = []
let id: string
const path = (): string => join(cwd, `${id}.yaml`)
const fresh = async (): Promise<string> => {
  makeImage(file, randomUUID())
  return (await fingerprintOf(file)).fingerprint
}

beforeAll(async () => {
  for (const dialect of ['incus', 'lxd', 'incus'] as const) servers.push(await openEmbedded(cwd, { dialect }))
  const check = join(cwd, 'check.sh')
  writeFileSync(
    check,
    '#!/bin/sh\ncd "$(dirname "$0")"\necho "$HYPERKIT_WAVE:" $HYPERKIT_WAVE_SERVERS >> log\n! grep -qx "$HYPERKIT_WAVE" fail || { echo "wave $HYPERKIT_WAVE is not well"; exit 3; }\n',
  )
  chmodSync(check, 0o755)
})
afterAll(async () => {
  for (const server of servers) await server.close()
  rmSync(cwd, { recursive: true, force: true })
})
beforeEach(() => {
  id = `w${randomUUID().slice(0, 8)}`
  for (const name of [log, fail]) writeFileSync(name, '')
})

/** Writes a manifest of one image on the three servers, one a wave. */
function write({ hung, more = '' }: { hung?: HungServer; more?: string } = {}): void {
  const entries = servers.map(
    ({ yaml }, index) => `  s${index + 1}: ${index === 0 && hung ? hung.yaml : yaml}`,
  )
  writeFileSync(
    path(),
    `version: 1\nname: ${id}\nservers:\n${entries.join('\n')}\nimages: [{ name: ${id}, source: { file: ${file} } }]\n` +
      `rollout: { waves: [1, 1, rest], check: [./check.sh] }\n${more}`,
  )
}

/** The first digits of the fingerprint that each server has under the name. */
const found = async (): Promise<(string | undefined)[]> =>
  Promise.all(servers.map(async ({ client }) => (await client.aliases.find(id))?.target.slice(0, 12)))
const short = (fingerprint: string): string => fingerprint.slice(0, 12)
const checks = (): string[] => readFileSync(log, 'utf8').trim().split('\n')
const statuses = (report: ApplyReport): string[] => report.servers.map(({ status }) => status)
const failing = (...waves: number[]): void => writeFileSync(fail, waves.join('\n'))

describe('a rollout in waves', () => {
  test('changes one wave after the other, checks each, and checks nothing when all is in sync', async () => {
    write()
    const fingerprint = short(await fresh())
    const steps: string[] = []
    const report = await applyOf(
      path(),
      {},
      {
        onNote: (text) => steps.push(text.replace(cwd, '')),
        onEvent: (event) => {
          if (event.kind === 'ended') steps.push(`${event.server}: ${event.result.change.action}`)
        },
      },
    )
    expect(steps).toEqual([
      's1: upload-image',
      's1: create-alias',
      'Wave 1: checking s1 with /check.sh',
      'Wave 2 begins: s2',
      's2: upload-image',
      's2: create-alias',
      'Wave 2: checking s2 with /check.sh',
      'Wave 3 begins: s3',
      's3: upload-image',
      's3: create-alias',
      'Wave 3: checking s3 with /check.sh',
    ])
    expect([statuses(report), await found()]).toEqual([
      ['done', 'done', 'done'],
      [fingerprint, fingerprint, fingerprint],
    ])
    expect((await applyOf(path())).rollout?.waves.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
    expect(checks()).toEqual(['1: s1', '2: s2', '3: s3'])
  })

  test('stops at the same failed check in each run, passes it once with `resume`, and goes on when it passes', async () => {
    write()
    const fingerprint = short(await fresh())
    failing(1, 2)
    for (const count of [1, 2]) {
      const report = await applyOf(path())
      expect([statuses(report), report.rollout?.paused]).toEqual([['done', 'waiting', 'waiting'], 1])
      expect(await found()).toEqual([fingerprint, undefined, undefined])
      expect(checks()).toEqual(Array.from({ length: count }, () => '1: s1'))
    }
    const plan = await planOf(path())
    v.parse(planDocumentSchema, describePlan(plan))
    expect(renderPlan(plan)).toContain(
      'Rollout in waves, each checked before the next begins:\n' +
        '  wave 1  s1  in sync\n  wave 2  s2  2 changes, after the check of wave 1\n  wave 3  s3  2 changes, after wave 2\n',
    )
    const resumed = await applyOf(path(), {}, { resume: true })
    expect([await found(), resumed.rollout?.paused]).toEqual([[fingerprint, fingerprint, undefined], 2])
    expect(renderReport(resumed)).toContain(
      'Rollout\n' +
        '  failed   wave 1  s1: the check exited with 3: "wave 1 is not well"; the waves after it went on\n' +
        '  failed   wave 2  s2: the check exited with 3: "wave 2 is not well"\n' +
        '  waiting  wave 3  s3\n',
    )
    failing()
    expect(statuses(await applyOf(path()))).toEqual(['done', 'done', 'done'])
    expect(await found()).toEqual([fingerprint, fingerprint, fingerprint])
  })

  test('checks the first wave again after a run that ended in the middle of its check', async () => {
    write()
    const fingerprint = short(await fresh())
    const controller = new AbortController()
    const report = await applyOf(path(), {}, { signal: controller.signal, onNote: () => controller.abort() })
    expect([statuses(report), await found()]).toEqual([
      ['done', 'interrupted', 'interrupted'],
      [fingerprint, undefined, undefined],
    ])
    failing(1)
    expect((await applyOf(path())).rollout?.paused).toBe(1)
    failing()
    expect(statuses(await applyOf(path(), {}, {}))).toEqual(['done', 'done', 'done'])
  })

  test('waits for a server of the first wave that hangs, unless `resume` passes it, and then checks the others', async () => {
    const hung = await serveHung('silent')
    write({ hung })
    const fingerprint = short(await fresh())
    const report = await applyOf(path())
    expect([statuses(report), report.rollout?.paused]).toEqual([['unread', 'waiting', 'waiting'], 1])
    expect(report.rollout?.waves[0]?.error?.message).toContain('"s1" could not be read: ')
    expect(renderPlan(await planOf(path()))).toContain(
      '  wave 1  s1  not everything can be read, so the waves after it wait\n  wave 2  s2  2 changes, after wave 1\n',
    )
    const { code, stdout, stderr } = await runCommand(['apply', '--yes', `${id}.yaml`], { cwd })
    expect(code).toBe(1)
    expect(stdout).toContain('s1\n  ! not read: ')
    expect(stderr).toContain('The rollout is paused after wave 1: "s1" could not be read: ')
    const resumed = await applyOf(path(), {}, { resume: true })
    expect([statuses(resumed), await found()]).toEqual([
      ['unread', 'done', 'done'],
      [undefined, fingerprint, fingerprint],
    ])
    expect(checks()).toEqual(['2: s2', '3: s3'])
    hung.close()
  })

  test('keeps the old version of a wave until its check has passed', async () => {
    const more = 'defaults: { keep: 1 }\nprune: {}\n'
    write({ more })
    const old = await fresh()
    await applyOf(path())
    await fresh()
    failing(1)
    expect((await applyOf(path())).servers[0]).toMatchObject({
      status: 'failed',
      results: [{ outcome: 'done' }, { outcome: 'done' }, { outcome: 'skipped' }],
    })
    const [first] = servers
    expect(await first?.client.images.find(old)).toBeDefined()
    failing()
    expect(statuses(await applyOf(path()))).toEqual(['done', 'done', 'done'])
    for (const { client } of servers) expect(await client.images.find(old)).toBeUndefined()
  })

  test('keeps the old version of a wave whose check does not run because another server of it failed', async () => {
    write({ more: 'defaults: { keep: 1 }\nprune: {}\n' })
    const old = await fresh()
    await applyOf(path())
    const ran = checks().length
    const other = join(cwd, 'b.tar.gz')
    makeImage(other, randomUUID())
    const later =
      `  - { name: ${id}/b, source: { file: ${other} }, servers: [s3] }\n` +
      `  - { name: ${id}/copied, source: { server: s3, alias: ${id}/b }, servers: [s1] }`
    writeFileSync(
      path(),
      readFileSync(path(), 'utf8')
        .replace('waves: [1, 1, rest]', 'waves: [2, rest]')
        .replace(/images: \[(.*)\]/, `images:\n  - $1\n${later}`),
    )
    await fresh()
    const report = await applyOf(path())
    expect([report.rollout?.paused, checks().length]).toEqual([1, ran])
    expect(report.servers[1]?.results.at(-1)).toMatchObject({
      change: { action: 'delete-image', fingerprint: old },
      outcome: 'skipped',
      error: { message: expect.stringContaining('in a wave that has not passed its check: "s1" failed: ') },
    })
    expect(await servers[1]?.client.images.find(old)).toBeDefined()
  })

  test('is not in the way of a rollback: all servers that have the new version go back, and no other one', async () => {
    write()
    await fresh()
    await applyOf(path())
    const good = short(await fresh())
    await applyOf(path())
    const bad = short(await fresh())
    failing(2)
    await applyOf(path())
    expect(await found()).toEqual([bad, bad, good])
    const manifest = await loadManifest(path())
    for (const moved of [2, 0]) {
      const plan = await planRollback(manifest, { image: id })
      expect(plan.rollback.refused).toEqual([])
      const report = await applyPlan(plan, { manifest })
      expect(report.servers.flatMap(({ results }) => results)).toHaveLength(moved)
      expect(await found()).toEqual([good, good, good])
    }
  })

  test('is kept by a saved plan, and by a choice of servers', async () => {
    write()
    const fingerprint = short(await fresh())
    failing(1)
    const manifest = await loadManifest(path())
    const saved = join(cwd, `${id}.json`)
    await writePlanFile(saved, await planManifest(manifest), { manifest })
    const report = await applyPlan(await readPlanFile(saved), { manifest })
    expect([statuses(report), await found()]).toEqual([
      ['done', 'waiting', 'waiting'],
      [fingerprint, undefined, undefined],
    ])
    failing(2)
    const chosen = await applyOf(path(), { servers: ['s2', 's3'] })
    expect([statuses(chosen), chosen.rollout?.paused]).toEqual([['done', 'waiting'], 2])
  })

  test('does not wait for a copy whose source comes in a later wave, and says so', async () => {
    write()
    const copied = `  - { name: ${id}/copied, source: { server: s3, alias: ${id} }, servers: [s1] }`
    writeFileSync(
      path(),
      readFileSync(path(), 'utf8')
        .replace(/images: \[(.*)\]/, `images:\n  - $1\n${copied}`)
        .replace(`file: ${file} }`, `file: ${file} }, servers: [s2, s3]`),
    )
    await fresh()
    const [first] = (await applyOf(path())).servers
    expect(first?.results[0]?.error?.message).toBe(
      'not started: "s3" gets the image only in wave 3; list it before "s1" in the manifest, so that its wave comes first',
    )
  })

  test('ends the command with exit code 1 and code `paused`, in JSON and in the report', async () => {
    write()
    await fresh()
    failing(1)
    const args = ['apply', '--yes', '--json', '--report', `${id}.json`, `${id}.yaml`]
    const { code, stdout, stderr } = await runCommand(args, { cwd })
    const document = v.parse(applyDocumentSchema, JSON.parse(stdout))
    expect([code, document.error]).toEqual([
      1,
      {
        code: 'paused',
        message:
          'The rollout is paused after wave 1: the check exited with 3: "wave 1 is not well"; waves 2, 3 wait',
      },
    ])
    expect(stderr).toContain('Wave 1: checking s1 with ')
    const report = v.parse(runReportSchema, JSON.parse(readFileSync(join(cwd, `${id}.json`), 'utf8')))
    expect(report.waves?.map(({ state }) => state)).toEqual(['failed', 'skipped', 'skipped'])
    expect(existsSync(log)).toBe(true)
  })
})

test('a watch holds the waves in each pass, says once that they are paused, and goes on when the check passes', async () => {
  write()
  const fingerprint = short(await fresh())
  const manifest = await loadManifest(path())
  /** Watches until a pass has this result, and returns the messages up to then. */
  const watch = async (result: string, isEnough: (runs: number) => boolean): Promise<string[]> => {
    const controller = new AbortController()
    const messages: string[] = []
    let runs = 0
    const onEvent = (event: WatchEvent): void => {
      if (event.kind === 'message') messages.push(event.message)
      if (event.kind !== 'run' || event.run.result !== result) return
      runs += 1
      if (isEnough(runs)) controller.abort()
      else writeFileSync(path(), `${readFileSync(path(), 'utf8')}# ${runs}\n`)
    }
    await watchManifest(manifest, { signal: controller.signal, settle: 10, onEvent })
    return messages
  }
  const paused =
    'The rollout is paused after wave 1: the check exited with 3: "wave 1 is not well"; waves 2, 3 wait'
  failing(1)
  for (const round of ['at first', 'after a restart']) {
    const messages = await watch('failed', (runs) => runs === 2)
    expect([round, messages.filter((text) => text === paused)]).toEqual([round, [paused]])
    expect([round, await found()]).toEqual([round, [fingerprint, undefined, undefined]])
  }
  failing()
  await watch('changed', () => true)
  expect(await found()).toEqual([fingerprint, fingerprint, fingerprint])
})
