import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeHolder } from '@hyperkit/core/parts'
import type { SeededInstance } from '@hyperkit/embedded'
import { fingerprintOf } from '@hyperkit/files'
import { type ApplyEvent, type ApplyReport, applyPlan, loadManifest, planManifest } from '@hyperkit/reconcile'
import {
  carryOutArriving,
  carryOutPlan,
  keepKnown,
  lockAliasOf,
  pickServer,
  planEach,
} from '@hyperkit/reconcile/parts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { applyOf, prepare } from './plan-and-apply.ts'
import { serveFiles } from './serve-file.ts'
import { startCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-late-'))
const file = join(cwd, 'a.tar.gz')
const instances: SeededInstance[] = [{ name: 'user' }]
let one: OpenServer
let two: OpenServer
let id: string
/** Called while `two` copies from `one`, which waits for that without its lock, to be pruned. */
let meanwhile: (() => Promise<void>) | undefined
const path = (): string => join(cwd, `${id}.yaml`)
const write = (keep = 1, more = ''): void => {
  const copied = `{ name: ${id}/copied, source: { server: one, alias: ${id} }, servers: [two] }`
  writeFileSync(
    path(),
    `version: 1\nname: ${id}\nservers: { one: ${one.yaml}, two: ${two.yaml} }\ndefaults: { keep: ${keep} }\nprune: {}\n` +
      `images: [{ name: ${id}, source: { file: ${file} }, servers: [one] }, ${copied}${more}]\n`,
  )
}
const fresh = async (): Promise<string> => {
  makeImage(file, randomUUID())
  return (await fingerprintOf(file)).fingerprint
}

beforeAll(async () => {
  one = await openEmbedded(cwd, { dialect: 'incus', instances })
  two = await openEmbedded(cwd, {
    dialect: 'lxd',
    async faults(request, answer) {
      if (request.method === 'POST' && new URL(request.url).pathname === '/1.0/images') {
        const act = meanwhile
        meanwhile = undefined
        await act?.()
      }
      return answer()
    },
  })
})
afterAll(async () => {
  await one.close()
  await two.close()
  rmSync(cwd, { recursive: true, force: true })
})
beforeEach(() => {
  id = `l${randomUUID().slice(0, 8)}`
  meanwhile = undefined
  for (const instance of instances) delete instance.baseImage
})

type OnEvent = (event: ApplyEvent) => void

/** As `apply --yes` does. */
async function applyArriving(onEvent: OnEvent): Promise<ApplyReport> {
  const preparing = { signal: new AbortController().signal, hide: () => {}, note: async () => {} }
  const choice = { targets: [], servers: [] }
  const arriving = await planEach(await loadManifest(path()), choice, preparing)
  const options = { choice, preparing, onEvent, lock: { timeout: 0 } }
  return carryOutArriving(arriving, options).finally(arriving.close)
}

/** As programs do. */
async function applyPlanned(onEvent: OnEvent): Promise<ApplyReport> {
  const manifest = await loadManifest(path())
  return applyPlan(await planManifest(manifest), { manifest, onEvent })
}

/** As `apply` does after its question. */
async function applyConfirmed(onEvent: OnEvent): Promise<ApplyReport> {
  const prepared = await prepare(path())
  const { plan, open, identify, desired, manifest, close } = prepared
  const { signal } = new AbortController()
  return carryOutPlan(plan, {
    signal,
    open,
    identify,
    desired,
    onEvent,
    lock: { timeout: 0 },
    async planAgain(server, remaining) {
      const next = await prepare(path(), {}, await keepKnown(server, prepared, manifest, remaining))
      return pickServer(next, server, plan)
    },
  }).finally(close)
}

/** Applies a new version, and acts after `one` has made all changes but the deletion of the old one. */
async function applyMeanwhile(
  how: (onEvent: OnEvent) => Promise<ApplyReport>,
  act: (old: string) => Promise<void> | void,
  more?: string,
): Promise<{ old: string; report: ApplyReport }> {
  write(1, more)
  const old = await fresh()
  await applyOf(path())
  await fresh()
  let moved = (): void => {}
  const isMoved = new Promise<void>((resolve) => {
    moved = resolve
  })
  meanwhile = () => isMoved.then(() => act(old))
  const report = await how((event) => {
    if (event.kind === 'ended' && event.server === 'one' && event.result.change.action === 'update-alias')
      moved()
  })
  return { old, report }
}

const skipped = (old: string, message: RegExp) => ({
  change: { action: 'delete-image', fingerprint: old },
  outcome: 'skipped',
  error: { message: expect.stringMatching(message) },
})
const changed = /^not started: the server, or what it should have, was changed after this was planned/

describe('what is pruned after the server has waited for another one that copies from there', () => {
  test('is deleted if nothing has changed meanwhile', async () => {
    const { old, report } = await applyMeanwhile(applyArriving, () => {})
    expect(report.servers.map(({ status }) => status)).toEqual(['done', 'done'])
    expect(await one.client.images.find(old)).toBeUndefined()
    expect(await one.client.aliases.find(lockAliasOf(id))).toBeUndefined()
  })

  test('is confirmed without a look at the sources of other servers', async () => {
    const far = join(cwd, 'far.tar.gz')
    makeImage(far, randomUUID())
    const files = await serveFiles((_request, response) => response.end(readFileSync(far)))
    const more = `, { name: ${id}/far, source: { url: "${files.url}/far.tar.gz", insecure: true }, servers: [two] }`
    let requests = 0
    const note = (): void => {
      requests = files.requests.length
    }
    try {
      const { old } = await applyMeanwhile(applyArriving, note, more)
      expect(await one.client.images.find(old)).toBeUndefined()
      expect(requests).toBeGreaterThan(0)
      expect(files.requests).toHaveLength(requests)
    } finally {
      await files.close()
    }
  })

  test('stays if another client has pointed the alias at it', async () => {
    const { old, report } = await applyMeanwhile(
      applyArriving,
      async (fingerprint) => void (await one.client.aliases.update(id, { target: fingerprint })),
    )
    expect(report.servers[0]?.results.at(-1)).toMatchObject(skipped(old, changed))
    expect((await one.client.aliases.get(id)).target).toBe(old)
  })

  test('stays if an instance uses it', async () => {
    const { old } = await applyMeanwhile(applyArriving, (fingerprint) => {
      for (const instance of instances) instance.baseImage = fingerprint
    })
    expect(await one.client.images.find(old)).toBeDefined()
  })

  test('stays if another manifest has named it', async () => {
    const { old, report } = await applyMeanwhile(
      applyArriving,
      async (target) => void (await one.client.aliases.create(`${id}-theirs`, { target })),
    )
    expect(report.servers[0]?.results.at(-1)?.outcome).not.toBe('done')
    expect((await one.client.aliases.get(`${id}-theirs`)).target).toBe(old)
  })

  test.each([
    ['apply --yes', applyArriving],
    ['apply', applyConfirmed],
    ['applyPlan', applyPlanned],
  ] as const)('stays if the manifest was changed, and keeps it now, with `%s`', async (_name, how) => {
    const { old, report } = await applyMeanwhile(how, () => write(4))
    expect(report.servers[0]).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('the manifest was changed') },
    })
    expect(await one.client.images.find(old)).toBeDefined()
  })
})

test('`prune` plans again after it has waited for another run, and deletes what is still to be deleted', async () => {
  write(4)
  const old = await fresh()
  await applyOf(path())
  const current = await fresh()
  await applyOf(path())
  write()
  await one.client.aliases.create(lockAliasOf(id), {
    target: current,
    description: writeHolder({
      owner: 'them@there',
      run: randomUUID(),
      expiresAt: new Date(Date.now() + 60_000),
    }),
  })
  const pruning = await startCommand(['prune', '--yes', path()], { cwd })
  await pruning.shows('waiting for the lock')
  write(4)
  await one.client.aliases.delete(lockAliasOf(id))
  const { code, stderr } = await pruning.ended
  expect([code, stderr]).toEqual([0, expect.stringContaining('one: planned again after waiting')])
  expect(await one.client.images.find(old)).toBeDefined()
})
