import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { explainAbsence, type RunningCluster, startCluster } from '@hyperkit/conformance'
import { connect } from '@hyperkit/connect'
import type { Client } from '@hyperkit/core'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import {
  type ApplyReport,
  applyPlan,
  loadManifest,
  planManifest,
  type WatchEvent,
  type WatchedRun,
  watchManifest,
} from '@hyperkit/reconcile'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { type Doom, type Doomed, openDoomed } from './doomed-member.ts'
import { makeImage } from './make-image.ts'
import { outcomesOf } from './plan-and-apply.ts'

const absence = explainAbsence('incus-7.0-cluster')
const folder = mkdtempSync(join(tmpdir(), 'hk-failover-'))
let cluster: RunningCluster
let number = 0

beforeAll(async () => {
  // Every member has a copy of each image, so that none is out of reach while a member is down. That one never counts as offline: on a busy
  // machine, another one would too.
  if (absence === undefined) cluster = await startCluster('incus-7.0', { replicas: 3, offlineThreshold: 120 })
})
afterAll(async () => {
  await cluster?.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Scene extends Doomed {
  name: string
  file: string
  /** Its requests do not count: the leader dies at those of the work. */
  client: Client
  manifest: Awaited<ReturnType<typeof loadManifest>>
  /** Gives the image another content, and returns its fingerprint. */
  change(content: string): Promise<string>
  apply(): Promise<ApplyReport>
  notes: string[]
}

/** A manifest with one image that all members have. */
async function openScene(more = ''): Promise<Scene> {
  const doomed = await openDoomed(cluster)
  const { serverCertificate, clientCertificate } = cluster
  const name = `failover${++number}`
  const file = join(folder, `${name}.tar.gz`)
  const { cert, key } = clientCertificate
  for (const [place, text] of Object.entries({ 's.crt': serverCertificate, 'c.crt': cert, 'c.key': key }))
    writeFileSync(join(folder, place), text)
  const path = join(folder, `${name}.yaml`)
  const server = `{ url: ${JSON.stringify(doomed.urls)}, serverCertificate: s.crt, clientCertificate: c.crt, clientKey: c.key }`
  writeFileSync(
    path,
    `version: 1\nname: ${name}\nservers: { it: ${server} }\nimages: [{ name: ${name}, source: { file: ${name}.tar.gz }${more === '' ? '' : ', keep: 1'} }]\n${more}`,
  )
  const client = await connect({ url: doomed.urls, serverCertificate, clientCertificate })
  onTestFinished(() => client.close())
  const change = async (content: string): Promise<string> => {
    makeImage(file, `${name} ${content}`)
    return (await fingerprintOf(file)).fingerprint
  }
  await change('first')
  const manifest = await loadManifest(path)
  const notes: string[] = []
  const options = { wrapTransport: doomed.wrapTransport, onNote: (note: string) => notes.push(note) }
  const apply = async (): Promise<ApplyReport> =>
    applyPlan(await planManifest(manifest, options), { manifest, ...options })
  const scene = { ...doomed, name, file, client, manifest, change, apply, notes }
  expect(outcomesOf(await apply())).toEqual(['it: upload-image: done', 'it: create-alias: done'])
  return scene
}

const statusesOf = ({ servers }: ApplyReport): string[] => servers.map(({ status }) => status)

async function locksOn({ client }: Scene): Promise<string[]> {
  const names = (await client.aliases.list()).map(({ name }) => name)
  return names.filter((name) => name.startsWith('hyperkit.lock/'))
}

const aliases = /^\/1\.0\/images\/aliases/

test.for<[string, Doom]>([
  ['it is asked for an image', { method: 'GET', path: /^\/1\.0\/images\/[0-9a-f]{64}$/, when: 'before' }],
  ['it is asked for an alias', { method: 'GET', path: aliases, when: 'before' }],
  ['it has given the lock', { method: 'POST', path: aliases, body: 'hyperkit.lock', when: 'after' }],
])('an apply goes on through another member when the leader dies as %s', async ([, doom], context) => {
  if (absence !== undefined) return context.skip(absence)
  const scene = await openScene()
  const wanted = await scene.change('second')
  scene.doom(doom)
  const report = await scene.apply()
  expect(outcomesOf(report)).toEqual(['it: upload-image: done', 'it: update-alias: done'])
  expect(scene.notes.join('\n')).toContain(`"${scene.leader.url}" does not answer`)
  expect(await scene.client.aliases.get(scene.name)).toMatchObject({ target: wanted })
  expect(await locksOn(scene)).toEqual([])
})

test.for<[string, 'before' | 'after', 'images' | 'version']>([
  ['is asked for all images', 'before', 'images'],
  ['is asked to delete a version', 'before', 'version'],
  ['has begun to delete a version', 'after', 'version'],
])(
  'pruning, when the leader dies as it %s, has deleted it or says which member to start',
  async ([, when, place], context) => {
    if (absence !== undefined) return context.skip(absence)
    const scene = await openScene('prune: {}\n')
    const { target: old } = await scene.client.aliases.get(scene.name)
    const wanted = await scene.change('second')
    scene.doom(
      place === 'images'
        ? { method: 'GET', path: /^\/1\.0\/images$/, when }
        : { method: 'DELETE', path: new RegExp(`^/1\\.0/images/${old}$`), when },
    )
    const report = await scene.apply()
    expect(await scene.client.aliases.get(scene.name)).toMatchObject({ target: wanted })
    if (statusesOf(report)[0] === 'done') expect(await scene.client.images.find(old)).toBeUndefined()
    else expect(outcomesOf(report).at(-1)).toContain(`start member "${scene.leader.name}"`)
    await scene.revive()
    expect(statusesOf(await scene.apply())).toEqual(['done'])
    expect(await scene.client.images.find(old)).toBeUndefined()
    expect(await locksOn(scene)).toEqual([])
  },
)

async function startWatch({ manifest, wrapTransport }: Scene): Promise<WatchEvent[]> {
  const events: WatchEvent[] = []
  const stop = new AbortController()
  // No pass is due by schedule during the test.
  const watching = watchManifest(manifest, {
    signal: stop.signal,
    wrapTransport,
    interval: 86_400_000,
    settle: 100,
    onEvent: (event) => events.push(event),
  })
  onTestFinished(async () => {
    stop.abort()
    await watching
  })
  return events
}

const patience = { timeout: 120_000, interval: 50 }

/** The runs of a watch, when there are so many. */
async function untilRuns(events: readonly WatchEvent[], count: number): Promise<WatchedRun[]> {
  return vi.waitFor(() => {
    const runs = events.flatMap((event) => (event.kind === 'run' ? [event.run] : []))
    expect(runs.length).toBeGreaterThanOrEqual(count)
    return runs
  }, patience)
}

test('a pass of a watch goes on through another member when the leader dies during its upload', async (context) => {
  if (absence !== undefined) return context.skip(absence)
  const scene = await openScene()
  scene.doom({ method: 'POST', path: /^\/1\.0\/images$/, when: 'before' })
  const wanted = await scene.change('second')
  const runs = await untilRuns(await startWatch(scene), 1)
  expect(runs).toMatchObject([{ reasons: ['start'], result: 'changed' }])
  expect(await scene.client.aliases.get(scene.name)).toMatchObject({ target: wanted })
})

test('a watch whose leader dies reads the events of the cluster again, and undoes what another client changes', async (context) => {
  if (absence !== undefined) return context.skip(absence)
  const scene = await openScene()
  const wanted = await scene.change('second')
  const events = await startWatch(scene)
  let runs = await untilRuns(events, 1)
  const foreign = join(folder, 'foreign.tar.gz')
  makeImage(foreign, `${scene.name} foreign`)
  const { fingerprint } = await uploadImage(scene.client, foreign)
  await scene.kill()
  await vi.waitFor(
    () => expect(events).toContainEqual(expect.objectContaining({ kind: 'server', state: 'connected' })),
    patience,
  )
  // The pass that the new connection calls for may see the first change before the one that its event calls for.
  for (let change = 1; change <= 2 && !runs.some(({ reasons }) => reasons.includes('event')); change++) {
    await scene.client.aliases.set(scene.name, { target: fingerprint })
    runs = await untilRuns(events, runs.length + 1)
    expect(await scene.client.aliases.get(scene.name)).toMatchObject({ target: wanted })
  }
  expect(runs.flatMap(({ reasons }) => reasons)).toContain('event')
})
