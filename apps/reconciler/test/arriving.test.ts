import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf } from '@hyperkit/files'
import {
  loadManifest,
  type ServerPlan,
  type ServerReport,
  type WatchEvent,
  watchManifest,
} from '@hyperkit/reconcile'
import { carryOutArriving, type PlanEachOptions, planEach } from '@hyperkit/reconcile/parts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { applyOf } from './plan-and-apply.ts'
import { type HungServer, serveHung } from './serve-hung.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-arriving-'))
const file = join(cwd, 'a.tar.gz')
let one: OpenServer
let two: OpenServer
let hung: HungServer
let id: string
const path = () => join(cwd, `${id}.yaml`)
const write = (servers: string, images: string, more = '') =>
  writeFileSync(path(), `version: 1\nname: ${id}\nservers: { ${servers} }\nimages: [${images}]\n${more}`)
const fresh = async (): Promise<string> => {
  makeImage(file, randomUUID())
  return (await fingerprintOf(file)).fingerprint
}
const image = (more = '') => `{ name: ${id}, source: { file: ${file} }${more} }`
const prune = 'defaults: { keep: 1 }\nprune: {}\n'

beforeAll(async () => {
  one = await openEmbedded(cwd, { dialect: 'incus' })
  two = await openEmbedded(cwd, { dialect: 'lxd' })
})
afterAll(async () => {
  await one.close()
  await two.close()
  rmSync(cwd, { recursive: true, force: true })
})
beforeEach(async () => {
  id = `s${randomUUID().slice(0, 8)}`
  // It hangs until the test closes it.
  hung = await serveHung('silent', '1h')
})
afterEach(() => hung.close())

interface Seen {
  planned: ServerPlan[]
  worked: ServerReport[]
}

/** Applies the manifest as `apply --yes` does; the hung server is closed when the work of these servers has ended. */
const apply = async (
  until: readonly string[],
  options: PlanEachOptions = {},
  onWorked: (seen: Seen) => Promise<void> | void = () => {},
  targets: readonly string[] = [],
) => {
  const preparing = { signal: new AbortController().signal, hide: () => {}, note: async () => {} }
  const choice = { targets, servers: [] }
  const arriving = await planEach(await loadManifest(path()), choice, preparing, options)
  const seen: Seen = { planned: [], worked: [] }
  let check: Promise<void> | undefined
  try {
    const report = await carryOutArriving(arriving, {
      choice,
      preparing,
      guard: options,
      lock: { timeout: 0 },
      onPlanned: (server) => seen.planned.push(server),
      onWorked(server) {
        seen.worked.push(server)
        if (!until.every((name) => seen.worked.some((each) => each.name === name))) return
        check ??= Promise.resolve(onWorked(seen)).finally(hung.close)
      },
    })
    await check
    return { ...seen, report, whole: await arriving.whole }
  } finally {
    await arriving.close()
  }
}

describe('while one server hangs', () => {
  test('the work on another one begins and ends, and the plan of each comes by itself', async () => {
    write(`hung: ${hung.yaml}, one: ${one.yaml}`, image())
    const fingerprint = await fresh()
    const { report, whole } = await apply(['one'], {}, async ({ planned }) => {
      expect(planned.map(({ name }) => name)).toEqual(['one'])
      expect((await one.client.aliases.get(id)).target).toBe(fingerprint)
    })
    expect(report.servers).toMatchObject([
      { name: 'hung', status: 'unread' },
      { name: 'one', status: 'done' },
    ])
    expect(whole.plan.servers.map(({ status }) => status)).toEqual(['unread', 'planned'])
  })

  test('a server that copies from it waits for it, and no other one does', async () => {
    const source = `{ name: ${id}/source, source: { file: ${file}.source }, servers: [hung] }`
    const copied = `{ name: ${id}/copied, source: { server: hung, alias: ${id}/source }, servers: [two] }`
    makeImage(`${file}.source`, randomUUID())
    write(`hung: ${hung.yaml}, one: ${one.yaml}, two: ${two.yaml}`, `${image()}, ${source}, ${copied}`)
    await fresh()
    const { report } = await apply(['one'], {}, ({ worked }) => {
      expect(worked.map(({ name }) => name)).toEqual(['one'])
    })
    expect(report.servers).toMatchObject([
      { name: 'hung', status: 'unread' },
      { name: 'one', status: 'done' },
      { name: 'two', status: 'failed' },
    ])
    expect(report.servers[2]?.results.map(({ outcome }) => outcome)).toEqual([
      'done',
      'done',
      'skipped',
      'skipped',
    ])
    expect(report.servers[2]?.results[2]?.error?.message).toMatch(
      /^not started: "hung" did not get the image:/,
    )
  })

  test('only the named image of another one is changed if the policy does not wait for the hung one', async () => {
    makeImage(`${file}.other`, randomUUID())
    const other = `{ name: ${id}/other, source: { file: ${file}.other } }`
    write(`hung: ${hung.yaml}, one: ${one.yaml}`, `${image()}, ${other}`, 'policy: { maxSize: 1GiB }\n')
    await fresh()
    const { worked } = await apply(['one'], { patience: 0 }, () => {}, [id])
    const images = worked.find(({ name }) => name === 'one')?.results.map(({ change }) => change.image)
    expect(images).toEqual([id, id])
    expect(await one.client.aliases.find(`${id}/other`)).toBeUndefined()
  })

  test('another one is changed at once, and pruned when the hung one was given up, if it does not want the image', async () => {
    write(`one: ${one.yaml}`, image(), prune)
    const old = await fresh()
    await applyOf(path())
    write(`hung: ${hung.yaml}, one: ${one.yaml}`, image(), prune)
    const next = await fresh()
    const { report, planned } = await apply(['one'], { patience: 0 }, async () => {
      expect((await one.client.aliases.get(id)).target).toBe(next)
      expect(await one.client.images.find(old)).toBeDefined()
    })
    expect(report.servers[1]).toMatchObject({ name: 'one', status: 'done' })
    expect(planned.map(({ name }) => name)).toEqual(['one', 'hung', 'one'])
    expect(await one.client.images.find(old)).toBeUndefined()
  })

  test('a version that another run has made the current one meanwhile is not pruned, nor is any other one', async () => {
    write(`one: ${one.yaml}`, image(), prune)
    const old = await fresh()
    await applyOf(path())
    write(`hung: ${hung.yaml}, one: ${one.yaml}`, image(), prune)
    await fresh()
    const { report } = await apply(['one'], { patience: 0 }, async () => {
      await one.client.aliases.update(id, { target: old })
    })
    expect(report.servers[1]?.results.at(-1)).toMatchObject({
      change: { action: 'delete-image', fingerprint: old },
      outcome: 'skipped',
      error: { message: expect.stringMatching(/^not started: the server, .* was changed after/) },
    })
    expect((await one.client.aliases.get(id)).target).toBe(old)
  })

  test('nothing is pruned if the manifest was changed meanwhile', async () => {
    write(`one: ${one.yaml}`, image(), prune)
    const old = await fresh()
    await applyOf(path())
    write(`hung: ${hung.yaml}, one: ${one.yaml}`, image(), prune)
    await fresh()
    const { report } = await apply(['one'], { patience: 0 }, () =>
      write(`hung: ${hung.yaml}, one: ${one.yaml}`, image(), prune.replace('1', '4')),
    )
    expect(report.servers[1]).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('the manifest was changed') },
    })
    expect(await one.client.images.find(old)).toBeDefined()
  })

  test('a server on which the manifest is shrunken refuses the run: another one that has begun is not pruned', async () => {
    const gone = `{ name: ${id}/gone, source: { file: ${file}.gone }, servers: [two] }`
    makeImage(`${file}.gone`, randomUUID())
    write(`one: ${one.yaml}, two: ${two.yaml}`, `${image()}, ${gone}`, prune)
    const old = await fresh()
    await applyOf(path())
    write(`hung: ${hung.yaml}, one: ${one.yaml}, two: ${two.yaml}`, image(), prune)
    const next = await fresh()
    const { report, whole } = await apply(['one'], { patience: 0 })
    expect(whole.refusals.map(({ message }) => message)).toEqual([
      expect.stringContaining(`the manifest no longer names "${id}/gone" there`),
    ])
    expect(report.servers).toMatchObject([
      { name: 'hung', status: 'unread' },
      { name: 'one', status: 'failed', error: { message: expect.stringMatching(/^nothing is pruned: /) } },
      { name: 'two', status: 'failed', results: [] },
    ])
    expect((await one.client.aliases.get(id)).target).toBe(next)
    expect(await one.client.images.find(old)).toBeDefined()
    expect((await two.client.aliases.get(id)).target).toBe(old)
  })
})

test('a watch keeps one server as the manifest says while another one hangs, and reports that one at each pass', async () => {
  write(`hung: ${hung.yaml}, one: ${one.yaml}`, image())
  const fingerprint = await fresh()
  const stop = new AbortController()
  const seen: WatchEvent[] = []
  let wake = (): void => {}
  const until = async (isSo: (events: readonly WatchEvent[]) => boolean): Promise<void> => {
    while (!isSo(seen)) await new Promise<void>((resolve) => (wake = resolve))
  }
  const watching = watchManifest(await loadManifest(path()), {
    signal: stop.signal,
    interval: 3_600_000,
    onEvent(event) {
      seen.push(event)
      wake()
    },
  })
  const changes = (events: readonly WatchEvent[]) => events.filter(({ kind }) => kind === 'change').length
  try {
    await until((events) => changes(events) === 2)
    expect((await one.client.aliases.get(id)).target).toBe(fingerprint)
    await one.client.aliases.delete(id)
    await until((events) => changes(events) === 3)
    const ofOne = (event: WatchEvent) => event.kind === 'run' && event.run.servers.join() === 'one'
    await until((events) => events.some(ofOne))
    hung.close()
    const isReported = (event: WatchEvent) =>
      event.kind === 'server' && event.server === 'hung' && event.state === 'failed'
    await until((events) => events.some(isReported))
  } finally {
    stop.abort()
    await watching
  }
})

test('a dry watch that would prune reports the drift of one server while another one hangs', async () => {
  write(`hung: ${hung.yaml}, one: ${one.yaml}`, image(), prune)
  const fingerprint = await fresh()
  const stop = new AbortController()
  const pending: string[] = []
  await watchManifest(await loadManifest(path()), {
    signal: stop.signal,
    dryRun: true,
    onEvent(event) {
      if (event.kind === 'pending') pending.push(`${event.server}: ${event.change.action}`)
      if (pending.length === 2) stop.abort()
    },
  })
  expect(pending).toEqual(['one: upload-image', 'one: create-alias'])
  expect(await one.client.images.find(fingerprint)).toBeUndefined()
})

test('as many servers that hang as are read at once do not keep a watch from another one', async () => {
  const all = [hung]
  while (all.length < 16) all.push(await serveHung('silent', '1h'))
  const names = all.map((_, index) => `hung${index}`)
  write([...all.map(({ yaml }, index) => `${names[index]}: ${yaml}`), `one: ${one.yaml}`].join(', '), image())
  const fingerprint = await fresh()
  const stop = new AbortController()
  const failed: string[] = []
  await watchManifest(await loadManifest(path()), {
    signal: stop.signal,
    onEvent(event) {
      if (event.kind === 'server' && event.state === 'failed') failed.push(event.server)
      if (event.kind === 'change' && event.result.change.action === 'create-alias') stop.abort()
    },
  })
  for (const each of all) each.close()
  expect((await one.client.aliases.get(id)).target).toBe(fingerprint)
  expect(failed).toEqual([])
})

test('a watch that ends while one server hangs reports the changes of its last pass', async () => {
  write(`hung: ${hung.yaml}, one: ${one.yaml}`, image())
  await fresh()
  const stop = new AbortController()
  const seen: WatchEvent[] = []
  await watchManifest(await loadManifest(path()), {
    signal: stop.signal,
    onEvent(event) {
      seen.push(event)
      if (seen.filter(({ kind }) => kind === 'change').length === 2) stop.abort()
    },
  })
  expect(seen.at(-1)).toMatchObject({ kind: 'run', run: { result: 'interrupted', changesDone: 2 } })
})

test('a shrunken manifest refuses the whole run if all servers answer soon', async () => {
  const gone = `{ name: ${id}/gone, source: { file: ${file}.gone }, servers: [two] }`
  makeImage(`${file}.gone`, randomUUID())
  write(`one: ${one.yaml}, two: ${two.yaml}`, `${image()}, ${gone}`, prune)
  const old = await fresh()
  await applyOf(path())
  write(`one: ${one.yaml}, two: ${two.yaml}`, image(), prune)
  await fresh()
  const { report, planned } = await apply(['never'], { patience: 2 ** 31 - 1 })
  expect(report.servers).toMatchObject([
    { name: 'one', status: 'failed', results: [] },
    { name: 'two', status: 'failed', results: [] },
  ])
  expect(planned).toEqual([])
  for (const { client } of [one, two]) expect((await client.aliases.get(id)).target).toBe(old)
})

test('a server that hangs before it is locked is asked once, and the others get their images', async () => {
  let isSilent = false
  let asked = 0
  const quiet = await openEmbedded(cwd, {
    dialect: 'incus',
    faults(_request, answer) {
      if (!isSilent) return answer()
      asked += 1
      return new Promise(() => {})
    },
  })
  try {
    const yaml = quiet.yaml.replace(/ ?\}$/, ', answerTimeout: 3s }')
    write(`one: ${one.yaml}, quiet: ${yaml}`, image())
    await fresh()
    const preparing = { signal: new AbortController().signal, hide: () => {}, note: async () => {} }
    const choice = { targets: [], servers: [] }
    const arriving = await planEach(await loadManifest(path()), choice, preparing)
    await arriving.whole
    isSilent = true
    const report = await carryOutArriving(arriving, { choice, preparing, lock: { timeout: 0 } }).finally(
      arriving.close,
    )
    expect(report.servers).toMatchObject([
      { name: 'one', status: 'done' },
      { name: 'quiet', status: 'failed', error: { code: 'timeout' } },
    ])
    expect(report.servers[1]?.results.map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped'])
    expect(asked).toBe(1)
  } finally {
    await quiet.close()
  }
})
