import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { writeHolder } from '@hyperkit/core/parts'
import { fingerprintOf } from '@hyperkit/files'
import { type ApplyReport, loadManifest, type WatchEvent, watchManifest } from '@hyperkit/reconcile'
import {
  type CarryOutArrivingOptions,
  carryOutArriving,
  lockAliasOf,
  planEach,
} from '@hyperkit/reconcile/parts'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { applyOf } from './plan-and-apply.ts'
import { startCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-waits-'))
const file = join(cwd, 'a.tar.gz')
const servers: OpenServer[] = []
let id: string
let folder: string
/** Called before a server is asked for anything. */
let onRequest: ((server: string, request: Request) => Promise<void>) | undefined
const path = (): string => join(folder, 'images.yaml')
const fresh = async (): Promise<string> => {
  makeImage(file, randomUUID())
  return (await fingerprintOf(file)).fingerprint
}

beforeAll(async () => {
  for (const [index, dialect] of (['incus', 'lxd', 'incus'] as const).entries())
    servers.push(
      await openEmbedded(cwd, {
        dialect,
        instances: [{ name: 'user' }],
        async faults(request, answer) {
          await onRequest?.(`s${index + 1}`, request)
          return answer()
        },
      }),
    )
})
afterAll(async () => {
  for (const server of servers) await server.close()
  rmSync(cwd, { recursive: true, force: true })
})

/**
 * Writes a manifest of one image on three servers, one a wave. Its check waits while the wave is held, and passes unless the file
 * `verdict` says otherwise. It logs when it begins and ends.
 */
beforeEach(() => {
  onRequest = undefined
  id = `w${randomUUID().slice(0, 8)}`
  folder = join(cwd, id)
  mkdirSync(folder)
  const check = join(folder, 'check.sh')
  writeFileSync(
    check,
    '#!/bin/sh\ncd "$(dirname "$0")"\necho "begin $HYPERKIT_WAVE" >> log\n' +
      'while [ -e "held$HYPERKIT_WAVE" ]; do sleep 0.1; done\n' +
      'echo "end $HYPERKIT_WAVE" >> log\n[ "$(cat verdict)" = well ]\n',
  )
  chmodSync(check, 0o755)
  say('well')
  writeFileSync(join(folder, 'log'), '')
  const entries = servers.map(({ yaml }, index) => `  s${index + 1}: ${yaml}`)
  writeFileSync(
    path(),
    `version: 1\nname: ${id}\nservers:\n${entries.join('\n')}\nimages: [{ name: ${id}, source: { file: ${file} } }]\n` +
      'rollout: { waves: [1, 1, rest], check: [./check.sh] }\n',
  )
})

const say = (verdict: 'well' | 'ill'): void => writeFileSync(join(folder, 'verdict'), verdict)
/** Makes the check of a wave wait. */
const holdCheck = (wave: number) => {
  const held = join(folder, `held${wave}`)
  writeFileSync(held, '')
  return {
    /** Resolves when the check waits. */
    waits: () => vi.waitFor(() => expect(log()).toContain(`begin ${wave}`), { timeout: 60_000 }),
    release: () => rmSync(held),
  }
}
const log = (): string[] => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n')
const found = async (): Promise<(string | undefined)[]> =>
  Promise.all(servers.map(async ({ client }) => (await client.aliases.find(id))?.target))
const statuses = (report: ApplyReport): string[] => report.servers.map(({ status }) => status)

/** Applies as `apply --yes` does, and acts while wave 1 is checked. */
async function applyWhileChecked(
  act: () => Promise<unknown>,
  lock: CarryOutArrivingOptions['lock'] = { timeout: 0 },
): Promise<ApplyReport> {
  const held = holdCheck(1)
  const preparing = { signal: new AbortController().signal, hide: () => {}, note: async () => {} }
  const choice = { targets: [], servers: [] }
  const manifest = await loadManifest(path())
  const arriving = await planEach(manifest, choice, preparing)
  let acted: Promise<unknown> | undefined
  const report = await carryOutArriving(arriving, {
    choice,
    preparing,
    lock,
    rollout: manifest.rollout && {
      ...manifest.rollout,
      onNote(text) {
        if (!text.startsWith('Wave 1: checking')) return
        acted = act().finally(held.release)
      },
    },
  }).finally(arriving.close)
  await acted
  return report
}

describe('a wave that begins long after it was planned', () => {
  test('is planned again: what another run has done there meanwhile is not tried again', async () => {
    const fingerprint = await fresh()
    const report = await applyWhileChecked(() => applyOf(path(), { servers: ['s2'] }, { resume: true }))
    expect(statuses(report)).toEqual(['done', 'done', 'done'])
    expect(report.servers.map(({ results }) => results.length)).toEqual([2, 0, 2])
    expect(await found()).toEqual([fingerprint, fingerprint, fingerprint])
  })

  test('gets what the waves before it got, or nothing: a newer content has passed no check', async () => {
    const fingerprint = await fresh()
    const report = await applyWhileChecked(fresh)
    expect([statuses(report), report.rollout?.paused]).toEqual([['done', 'failed', 'waiting'], 2])
    expect(await found()).toEqual([fingerprint, undefined, undefined])
  })

  test('gets no newer content after it has waited for another run either, beside an image that is published', async () => {
    // A server without an image of the manifest cannot be locked.
    const first = await fresh()
    await applyOf(path())
    const next = await fresh()
    const made = `{ name: ${id}/made, source: { instance: user }, servers: [s2] }`
    writeFileSync(path(), readFileSync(path(), 'utf8').replace('images: [', `images: [${made}, `))
    const client = servers[1]?.client ?? expect.unreachable()
    let waits = 0
    const holdLock = async (): Promise<void> => {
      await fresh()
      const expiresAt = new Date(Date.now() + 60_000)
      const description = writeHolder({ owner: 'them@there', run: randomUUID(), expiresAt })
      await client.aliases.create(lockAliasOf(id), { target: first, description })
    }
    const report = await applyWhileChecked(holdLock, {
      timeout: 60_000,
      onWait() {
        waits += 1
        void client.aliases.delete(lockAliasOf(id))
      },
    })
    expect([waits, statuses(report)]).toEqual([1, ['done', 'failed', 'waiting']])
    expect(await found()).toEqual([next, first, first])
    expect(await client.aliases.find(`${id}/made`)).toBeDefined()
  })
})

test('a server that hangs in the middle of its wave is given up, and the later waves wait', async () => {
  const fingerprint = await fresh()
  const manifest = readFileSync(path(), 'utf8')
  writeFileSync(path(), manifest.replace(/( {2}s2: \{.*) \}/, '$1, answerTimeout: 1s }'))
  onRequest = async (name, { method }) => {
    if (name === 's2' && method === 'POST') await new Promise(() => {})
  }
  const started = await startCommand(['apply', '--yes', path()], { cwd: folder })
  const { code, stdout, stderr } = await started.ended
  expect([code, log()]).toEqual([1, ['begin 1', 'end 1']])
  expect(stdout).toMatch(/ failed +wave 2 +s2: .*\n +waiting +wave 3 +s3\n/)
  expect(stderr).toMatch(/The rollout is paused after wave 2: .*"s2".* no answer within 1 s/)
  onRequest = undefined
  expect(await found()).toEqual([fingerprint, undefined, undefined])
})

/** Runs `apply` until it is killed. */
async function killWhen(happens: Promise<unknown>): Promise<void> {
  const started = await startCommand(['apply', '--yes', path()], { cwd: folder })
  await happens
  // `child.kill` cannot be used: Deno reports no exit code after it.
  process.kill(started.child.pid ?? 0, 'SIGKILL')
  await started.ended
}

/** The run is killed while the check waits; the check outlives it, and nobody reads its verdict. */
async function killInCheck(): Promise<void> {
  const held = holdCheck(1)
  await killWhen(held.waits())
  held.release()
}

/** Resolves when a server is asked to store an image; the request is answered when the test has ended. */
function asksToStore(server: string): Promise<void> {
  return new Promise((resolve) => {
    onRequest = async (name, { method, url }) => {
      if (name !== server || method !== 'POST' || new URL(url).pathname !== '/1.0/images') return
      resolve()
      await new Promise(() => {})
    }
  })
}

test.each([
  ['in the middle of the first wave', () => killWhen(asksToStore('s1')), 0],
  ['in the middle of its check', killInCheck, 1],
  ['between two waves', () => killWhen(asksToStore('s2')), 1],
] as const)(
  'a rollout that is killed %s stops at the same place in the next run, and then goes on',
  async (_when, killed, checks) => {
    const fingerprint = await fresh()
    await killed()
    onRequest = undefined
    expect(log().filter((line) => line === 'begin 1')).toHaveLength(checks)
    say('ill')
    const stopped = await applyOf(path())
    expect([statuses(stopped), stopped.rollout?.paused]).toEqual([['done', 'waiting', 'waiting'], 1])
    expect(await found()).toEqual([fingerprint, undefined, undefined])
    say('well')
    expect(statuses(await applyOf(path()))).toEqual(['done', 'done', 'done'])
    expect(await found()).toEqual([fingerprint, fingerprint, fingerprint])
  },
)

test('a watch begins no pass while the check of the last wave runs', async () => {
  const fingerprint = await fresh()
  const held = holdCheck(3)
  const stop = new AbortController()
  const seen: WatchEvent[] = []
  let wake = (): void => {}
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise<void>((resolve) => (wake = resolve))
  }
  const watching = watchManifest(await loadManifest(path()), {
    signal: stop.signal,
    interval: 3_600_000,
    settle: 10,
    onEvent(event) {
      seen.push(event)
      wake()
    },
  })
  const changes = () => seen.filter(({ kind }) => kind === 'change').length
  const loads = () => seen.filter(({ kind }) => kind === 'manifest').length
  await held.waits()
  await servers[0]?.client.aliases.delete(id)
  // Each of them queues a pass over all servers.
  for (const count of [1, 2]) {
    writeFileSync(path(), `${readFileSync(path(), 'utf8')}# ${count}\n`)
    await until(() => loads() === count)
  }
  expect([changes(), log()]).toEqual([6, ['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3']])
  held.release()
  await until(() => changes() === 7)
  stop.abort()
  await watching
  expect(await found()).toEqual([fingerprint, fingerprint, fingerprint])
})
