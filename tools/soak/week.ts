import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { makeImage } from '@hyperkit/conformance'
import { loadManifest, type WatchEvent, watchManifest } from '@hyperkit/reconcile'
import { type Soak, seedOption } from './soak.ts'
import { createRandom, pick } from './week/create-random.ts'
import { findGaps, readState } from './week/find-gaps.ts'
import type { Member } from './week/member.ts'
import { type Fleet, openFleet } from './week/open-fleet.ts'
import { faultKinds } from './week/server-fault.ts'
import { useVirtualClock } from './week/virtual-clock.ts'

const [second, minute, hour] = [1_000, 60_000, 3_600_000]
const names = ['alpine', 'debian', 'ubuntu'] as const

/**
 * Two watches of one manifest, on embedded servers that fail in every way, while time passes quickly. The same seed gives the same faults;
 * when the system reports changes of files differs from run to run.
 */
export const week: Soak = {
  summary:
    'Two watches keep four servers in line for a week of random faults, in minutes: no alias points at nothing, all converges in the calm of each day, and nothing is left behind.',
  usage: '[--seed N] [--days 7]',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...seedOption,
        days: { type: 'string', default: '7' },
      },
    })
    console.log(`seed ${values.seed}`)
    const begun = performance.now()
    const { broken, passes, faults, requests, growth } = await watchWeek(
      Number(values.seed),
      Number(values.days),
    )
    for (const each of broken.slice(0, 50)) console.log(each)
    const seconds = Math.round((performance.now() - begun) / 1000)
    console.log(
      `${values.days} days in ${seconds} s: ${faults} faults, ${requests} requests, ${passes} passes with a result; memory grew by ${growth} MiB after the first day; ${broken.length} promises broken`,
    )
    return broken.length === 0
  },
}

interface Week {
  broken: string[]
  passes: number
  faults: number
  requests: number
  /** MiB of the heap, from the first calm to the last. */
  growth: number
}

/** Watches under faults for some days, each of which ends with two hours of calm. */
export async function watchWeek(seed: number, days: number): Promise<Week> {
  const folder = mkdtempSync(join(tmpdir(), 'hk-week-'))
  const { XDG_CACHE_HOME: cache } = process.env
  process.env.XDG_CACHE_HOME = join(folder, 'cache')
  const random = createRandom(seed)
  const { random: realRandom } = Math
  Math.random = random
  const fleet = openFleet(random)
  const wanted = new Map<string, string>()
  for (const name of names) await build(folder, name, random, wanted)
  const manifest = await loadManifest(writeManifest(folder, fleet))
  const clock = useVirtualClock({ polling: 5 * second, stretched: 5 * minute })
  const stop = new AbortController()
  const result: Week = { broken: [], passes: 0, faults: 0, requests: 0, growth: 0 }
  const onEvent = (event: WatchEvent): void => {
    if (event.kind === 'run') result.passes++
  }
  const common = {
    signal: stop.signal,
    wrapTransport: fleet.wrapTransport,
    onEvent,
    lockTimeout: 90 * second,
  }
  // One works on a server at a time, so that its servers wait for each other.
  const watches = [{ interval: 10 * minute, parallelism: 1 }, { interval: 25 * minute }].map((own) =>
    watchManifest(manifest, { ...common, ...own }),
  )
  const ended = Promise.all(watches).catch(
    (error: unknown) => void result.broken.push(`a watch ended: ${error}`),
  )
  const begun = clock.realNow()
  const pass = (milliseconds: number): Promise<void> => clock.pass(milliseconds, fleet.isBusy)
  try {
    let heap: number | undefined
    for (let day = 1; day <= days; day++) {
      for (const end = clock.now() + 22 * hour; clock.now() < end; ) {
        result.faults++
        await disturb(fleet, { random, pass, folder, wanted })
      }
      for (const member of fleet.members) Object.assign(member, { fault: { kind: 'none' }, skew: 0 })
      await pass(2 * hour)
      const gaps = fleet.gaps.splice(0)
      result.broken.push(...gaps.map((gap) => `day ${day}: ${gap}`))
      for (const member of fleet.members)
        result.broken.push(...(await judgeCalm(member, wanted)).map((what) => `day ${day}: ${what}`))
      const now = measureHeap()
      heap ??= now
      result.growth = Math.round(now - heap)
      const seconds = Math.round((clock.realNow() - begun) / 1000)
      console.log(
        `day ${day} after ${seconds} s: ${result.passes} passes, ${result.faults} faults, ${fleet.requests} requests, ${gaps.length} gaps, ${result.broken.length} promises broken, heap ${Math.round(now)} MiB`,
      )
    }
    if (result.growth > 32) result.broken.push(`the heap has grown by ${result.growth} MiB`)
    result.requests = fleet.requests
    stop.abort()
    await pass(2 * minute)
    await ended
    return result
  } finally {
    stop.abort()
    clock.restore()
    Math.random = realRandom
    if (cache === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = cache
    for (const { server } of fleet.members) await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Disturbing {
  random: () => number
  pass(milliseconds: number): Promise<void>
  folder: string
  wanted: Map<string, string>
}

/** One thing that goes wrong, and some time after it. */
async function disturb(fleet: Fleet, { random, pass, folder, wanted }: Disturbing): Promise<void> {
  const member = pick(fleet.members, random)
  const what = random()
  if (what < 0.15) await build(folder, pick(names, random), random, wanted)
  else if (what < 0.3) {
    member.feed.breakOff()
    await member.server.restart(random() < 0.5)
  } else if (what < 0.4) member.skew = Math.round((random() - 0.5) * 4 * hour)
  else if (what < 0.5) await meddle(member, random)
  else {
    member.fault = { kind: pick(faultKinds, random) }
    if (member.fault.kind !== 'flaky') member.feed.breakOff()
  }
  await pass(Math.ceil(random() * 20 * minute))
  // Most faults end before the next one begins, and some are joined by it.
  if (random() < 0.7) for (const each of fleet.members) each.fault = { kind: 'none' }
}

/** Somebody else moves or removes an alias. */
async function meddle(member: Member, random: () => number): Promise<void> {
  const { aliases, images } = await readState(member)
  const own = aliases.filter(({ name }) => !name.includes('/'))
  if (own.length === 0) return
  const alias = pick(own, random)
  const path = `/1.0/images/aliases/${alias.name}`
  const isRemoved = random() < 0.4
  const target = pick(images, random).fingerprint
  await member.server.fetch(
    new Request(`http://inside${path}`, {
      method: isRemoved ? 'DELETE' : 'PUT',
      ...(isRemoved ? {} : { body: JSON.stringify({ target, description: alias.description }) }),
    }),
  )
  if (isRemoved) member.aliases.delete(alias.name)
  member.feed.send(isRemoved ? 'DELETE' : 'PUT', path)
}

/** Builds an image anew, and replaces its file in one step. */
async function build(
  folder: string,
  name: string,
  random: () => number,
  wanted: Map<string, string>,
): Promise<void> {
  const seed = `${name} ${random()}`
  const { path, fingerprint } = await makeImage({ directory: folder, name: `${name}-new`, seed })
  renameSync(path, join(folder, `${name}.tar.gz`))
  wanted.set(name, fingerprint)
}

function writeManifest(folder: string, fleet: Fleet): string {
  const path = join(folder, 'images.yaml')
  const servers = fleet.members.map(({ name, origin }) => `  ${name}: { url: "${origin}" }`)
  const images = names.map((name) => `  - { name: ${name}, keep: 2, source: { file: ${name}.tar.gz } }`)
  writeFileSync(
    path,
    [
      'version: 1',
      'name: week',
      'servers:',
      ...servers,
      'prune: { maxDelete: 50 }',
      'images:',
      ...images,
      '',
    ].join('\n'),
  )
  return path
}

/** What a server must have when nothing has disturbed it for a while. */
async function judgeCalm(member: Member, wanted: ReadonlyMap<string, string>): Promise<string[]> {
  const broken = await findGaps(member, 'the calm')
  const { aliases, images, tokens } = await readState(member)
  for (const [name, fingerprint] of wanted) {
    const alias = aliases.find((each) => each.name === name)
    if (alias?.target !== fingerprint)
      broken.push(`${name} is ${alias?.target.slice(0, 12) ?? 'missing'}, not ${fingerprint.slice(0, 12)}`)
    const versions = images.filter(({ properties }) => properties['hyperkit.image'] === name)
    if (versions.length > 2) broken.push(`${name} has ${versions.length} versions, and 2 are kept`)
  }
  for (const { name } of aliases) if (!wanted.has(name)) broken.push(`alias "${name}" is left`)
  for (const { fingerprint, properties } of images)
    if (properties['hyperkit.manifest'] !== 'week')
      broken.push(`image ${fingerprint.slice(0, 12)} has no owner`)
  if (tokens > 0) broken.push(`${tokens} tokens are left`)
  return broken.map((what) => `${member.name}: ${what}`)
}

/** MiB, after everything that can be collected is collected. */
function measureHeap(): number {
  const { Bun, gc } = globalThis as { Bun?: { gc(isNow: boolean): void }; gc?: () => void }
  Bun?.gc(true)
  gc?.()
  return process.memoryUsage().heapUsed / 1024 / 1024
}
