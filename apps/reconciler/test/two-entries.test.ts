import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeHolder } from '@hyperkit/core/parts'
import { fingerprintOf } from '@hyperkit/files'
import { applyPlan, loadManifest, planManifest } from '@hyperkit/reconcile'
import { carryOutPlan, lockAliasOf, takeLock } from '@hyperkit/reconcile/parts'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { applyOf, prepare } from './plan-and-apply.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-entries-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const file = join(cwd, 'a.tar.gz')

let id: string
let one: OpenServer
let two: OpenServer
/** Requests to `one` that change anything but locks, while the manifest was not locked. */
let unlocked: string[]
let isWatched: boolean
const path = () => join(cwd, `${id}.yaml`)
const write = (servers: string, images: string): void =>
  writeFileSync(path(), `version: 1\nname: ${id}\nservers: { ${servers} }\nimages: [${images}]\n`)
const fresh = async (): Promise<string> => {
  makeImage(file, randomUUID())
  return (await fingerprintOf(file)).fingerprint
}
const image = () => `{ name: ${id}, source: { file: ${file} } }`

beforeEach(async () => {
  id = `e${randomUUID().slice(0, 8)}`
  unlocked = []
  isWatched = false
  one = await openEmbedded(cwd, {
    dialect: 'incus',
    async faults(request, answer) {
      const { pathname } = new URL(request.url)
      const isWork = request.method !== 'GET' && !decodeURIComponent(pathname).includes('hyperkit.lock/')
      const isLocking = pathname.endsWith('/aliases') && request.method === 'POST'
      if (isWatched && isWork && !isLocking && !(await one.client.aliases.find(lockAliasOf(id))))
        unlocked.push(`${request.method} ${pathname}`)
      return answer()
    },
  })
  two = await openEmbedded(cwd, { dialect: 'lxd' })
})
afterEach(async () => {
  await one.close()
  await two.close()
})

test('two entries that lead to one server unseen are locked one after the other, each for all of its work', async () => {
  write(`a: ${one.yaml}, b: ${one.yaml}`, image())
  await fresh()
  await applyOf(path())
  const next = await fresh()
  const { plan, open, desired, close } = await prepare(path())
  isWatched = true
  const waited: string[] = []
  const report = await carryOutPlan(plan, {
    signal: new AbortController().signal,
    open,
    identify: (name) => name,
    desired,
    parallelism: 1,
    lock: { timeout: 0, onWait: (server) => waited.push(server) },
  }).finally(close)
  isWatched = false
  expect(report.servers.map(({ status }) => status)).toEqual(['done', 'done'])
  expect([unlocked, waited]).toEqual([[], []])
  expect((await one.client.aliases.get(id)).target).toBe(next)
  expect(await one.client.aliases.find(lockAliasOf(id))).toBeUndefined()
})

test('a plan whose server was locked by another run after its first change is not stale for its own work', async () => {
  const own = `{ name: ${id}/own, source: { file: ${file}.own }, servers: [one] }`
  const copied = `{ name: ${id}/copied, source: { server: two, alias: ${id} }, servers: [one] }`
  const there = `{ name: ${id}, source: { file: ${file} }, servers: [two] }`
  write(`one: ${one.yaml}, two: ${two.yaml}`, `${own}, ${copied}, ${there}`)
  await fresh()
  makeImage(`${file}.own`, randomUUID())
  await applyOf(path())
  const next = await fresh()
  makeImage(`${file}.own`, randomUUID())
  const manifest = await loadManifest(path())
  const plan = await planManifest(manifest)
  const { target } = await two.client.aliases.get(id)
  const expiresAt = new Date(Date.now() + 60_000)
  const description = writeHolder({ owner: 'them@there', run: randomUUID(), expiresAt })
  await two.client.aliases.create(lockAliasOf(id), { target, description })
  const take = () =>
    takeLock(one.client, {
      manifest: id,
      owner: 'them@there',
      run: randomUUID(),
      aliases: [`${id}/own`],
      timeout: 60_000,
      signal: new AbortController().signal,
    })
  let lock: ReturnType<typeof take> | undefined
  const notes: string[] = []
  const report = await applyPlan(plan, {
    manifest,
    onNote(note) {
      notes.push(note.slice(0, note.indexOf(',')))
      if (note.startsWith('one: ')) void lock?.then((held) => held?.release())
    },
    onEvent(event) {
      if (event.kind !== 'ended' || event.server !== 'one' || lock !== undefined) return
      lock = take()
      void lock.then(() => two.client.aliases.delete(lockAliasOf(id)))
    },
  })
  expect(notes).toEqual(['two: waiting for the lock', 'one: waiting for the lock'])
  expect(report.servers).toMatchObject([{ status: 'done' }, { status: 'done' }])
  expect((await one.client.aliases.get(`${id}/copied`)).target).toBe(next)
})
