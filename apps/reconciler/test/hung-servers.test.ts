import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeHolder } from '@hyperkit/core/parts'
import { fingerprintOf } from '@hyperkit/files'
import { applyPlan, loadManifest, planManifest, readPlanFile, writePlanFile } from '@hyperkit/reconcile'
import { type CarryOutPlanOptions, carryOutPlan, lockAliasOf } from '@hyperkit/reconcile/parts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { applyOf, outcomesOf, prepare } from './plan-and-apply.ts'
import { type HungServer, serveHung } from './serve-hung.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-hung-'))
const file = join(cwd, 'a.tar.gz')
let one: OpenServer
let two: OpenServer
let id: string
const path = () => join(cwd, `${id}.yaml`)
const write = (servers: string, images: string, more = '') =>
  writeFileSync(path(), `version: 1\nname: ${id}\nservers: { ${servers} }\nimages: [${images}]\n${more}`)
const fresh = async (): Promise<string> => {
  makeImage(file, randomUUID())
  return (await fingerprintOf(file)).fingerprint
}

beforeAll(async () => {
  one = await openEmbedded(cwd, { dialect: 'incus' })
  two = await openEmbedded(cwd, { dialect: 'lxd' })
})
afterAll(async () => {
  await one.close()
  await two.close()
  rmSync(cwd, { recursive: true, force: true })
})
beforeEach(() => {
  id = `h${randomUUID().slice(0, 8)}`
})

/** Plans the manifest, and carries the plan out. */
const carryOut = async (more: Pick<CarryOutPlanOptions, 'lock' | 'onEvent'>) => {
  const { plan, open, identify, desired, close } = await prepare(path())
  const { signal } = new AbortController()
  return carryOutPlan(plan, { signal, open, identify, desired, ...more }).finally(close)
}

const image = (more = '') => `{ name: ${id}, source: { file: ${file} }${more} }`

describe.each(['silent', 'half a body'] as const)('a server that hangs (%s)', (how) => {
  let hung: HungServer
  beforeEach(async () => {
    hung = await serveHung(how)
  })
  afterEach(() => hung.close())

  test('is given up, and the others get their images', async () => {
    write(`one: ${one.yaml}, hung: ${hung.yaml}`, image())
    const fingerprint = await fresh()
    const report = await applyOf(path())
    expect(report.servers).toMatchObject([
      { name: 'one', status: 'done' },
      { name: 'hung', status: 'unread', error: { code: 'timeout' } },
    ])
    expect((await one.client.aliases.get(id)).target).toBe(fingerprint)
  })

  test('does not keep the others from being pruned', async () => {
    write(`one: ${one.yaml}`, image(), 'defaults: { keep: 1 }\nprune: {}\n')
    const old = await fresh()
    await applyOf(path())
    write(`one: ${one.yaml}, hung: ${hung.yaml}`, image(), 'defaults: { keep: 1 }\nprune: {}\n')
    await fresh()
    await applyOf(path())
    expect(await one.client.images.find(old)).toBeUndefined()
  })

  test('as the source of a copy, only fails that image', async () => {
    const copied = `{ name: ${id}/copied, source: { server: hung, alias: x }, servers: [one] }`
    write(`one: ${one.yaml}, hung: ${hung.yaml}`, `${image(', servers: [one]')}, ${copied}`)
    await fresh()
    const [report] = (await applyOf(path())).servers
    expect(report).toMatchObject({
      name: 'one',
      results: [{ outcome: 'done' }, { outcome: 'done' }],
      problems: [{ image: `${id}/copied`, error: { code: 'timeout' } }],
    })
  })

  test('leaves the saved plan of the others valid', async () => {
    write(`one: ${one.yaml}, hung: ${hung.yaml}`, image())
    await fresh()
    const manifest = await loadManifest(path())
    const saved = join(cwd, `${id}.json`)
    await writePlanFile(saved, await planManifest(manifest), { manifest })
    expect(await applyPlan(await readPlanFile(saved), { manifest })).toMatchObject({
      servers: [{ status: 'done' }, { status: 'unread' }],
    })
  })
})

test('the question is asked when every server has answered or was given up', async () => {
  const hung = await serveHung('silent')
  try {
    write(`hung: ${hung.yaml}, one: ${one.yaml}`, image())
    await fresh()
    // No terminal: the question cannot be asked, and its place in the output shows when it would have been.
    const { code, stdout, stderr } = await runCommand(['apply', '--parallelism', '1', `${id}.yaml`], { cwd })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^hung\n {2}! not read: [\s\S]*one \(incus[\s\S]*1 server cannot be read/)
    expect(stderr).toContain('Cannot change servers without confirmation')
    expect(await one.client.aliases.find(id)).toBeUndefined()
  } finally {
    hung.close()
  }
})

test('a lock that another run keeps ends only the work of its server', async () => {
  write(`one: ${one.yaml}, two: ${two.yaml}`, image())
  await fresh()
  await applyOf(path())
  const held = (await two.client.aliases.get(id)).target
  await two.client.aliases.create(lockAliasOf(id), {
    target: held,
    description: writeHolder({
      owner: 'them@there',
      run: randomUUID(),
      expiresAt: new Date(Date.now() + 60_000),
    }),
  })
  const next = await fresh()
  const report = await carryOut({ lock: { timeout: 0 } })
  expect(report.servers).toMatchObject([
    { name: 'one', status: 'done' },
    { name: 'two', status: 'failed', error: { code: 'already-exists' } },
  ])
  expect(outcomesOf(report).at(-1)).toMatch(
    /^two: update-alias: skipped: not started: Cannot lock manifest .*: them@there holds it until/,
  )
  expect((await one.client.aliases.get(id)).target).toBe(next)
  expect(await one.client.aliases.find(lockAliasOf(id))).toBeUndefined()
  await two.client.aliases.delete(lockAliasOf(id))
})

test('a server is not locked while it waits for the source of its copy', async () => {
  const copied = `{ name: ${id}/copied, source: { server: two, alias: ${id} }, servers: [one] }`
  write(`one: ${one.yaml}, two: ${two.yaml}`, image())
  await fresh()
  await applyOf(path())
  write(`one: ${one.yaml}, two: ${two.yaml}`, `${image()}, ${copied}`)
  const next = await fresh()
  const locked: string[] = []
  const report = await carryOut({
    lock: { timeout: 10_000 },
    onEvent: (event) => {
      if (event.kind === 'begun') locked.push(`${event.server} ${event.change.action}`)
    },
  })
  expect(report.servers.map(({ status }) => status)).toEqual(['done', 'done'])
  expect((await one.client.aliases.get(`${id}/copied`)).target).toBe(next)
  for (const server of [one, two]) expect(await server.client.aliases.find(lockAliasOf(id))).toBeUndefined()
  expect(locked).toContain('two upload-image')
})
