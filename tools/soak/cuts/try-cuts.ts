import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createClient, isHyperkitError } from '@hyperkit/core'
import { createImageServer, type DialectName } from '@hyperkit/embedded'
import { findGaps, readState } from '../week/find-gaps.ts'
import { useVirtualClock, type VirtualClock } from '../week/virtual-clock.ts'
import { type CutKind, cutConnection, cutKinds } from './cut-connection.ts'
import { type CutJob, makeJobs, origin, UndoneError } from './make-jobs.ts'

/** What the cuts have shown. */
export interface TriedCuts {
  points: number
  broken: string[]
}

/** Which connections are cut. */
export interface TryCutsOptions {
  dialects: readonly DialectName[]
  /** Names of jobs. @default all */
  jobs?: readonly string[]
  /** @default all */
  kinds?: readonly CutKind[]
}

/** Cuts the connection of every command at every request, in each way, and runs the command again. */
export async function tryCuts({
  dialects,
  jobs: only,
  kinds = cutKinds,
}: TryCutsOptions): Promise<TriedCuts> {
  const folder = mkdtempSync(join(tmpdir(), 'hk-cuts-'))
  const { XDG_CACHE_HOME: cache } = process.env
  process.env.XDG_CACHE_HOME = join(folder, 'cache')
  const { jobs, close } = await makeJobs(folder)
  const clock = useVirtualClock({ polling: 5_000, stretched: 60_000 })
  const tried: TriedCuts = { points: 0, broken: [] }
  try {
    for (const dialect of dialects)
      for (const job of jobs)
        if (only === undefined || only.includes(job.name))
          for (const kind of kinds) await tryJob(job, dialect, kind, clock, tried)
    return tried
  } finally {
    clock.restore()
    await close()
    if (cache === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = cache
    rmSync(folder, { recursive: true, force: true })
  }
}

async function tryJob(
  job: CutJob,
  dialect: DialectName,
  kind: CutKind,
  clock: VirtualClock,
  tried: TriedCuts,
): Promise<void> {
  const { state: expected, requests } = await runCut(job, dialect, { at: 0, kind }, clock)
  for (let at = 1; at <= requests; at++) {
    tried.points++
    const { broken, state } = await runCut(job, dialect, { at, kind }, clock)
    if (state !== expected) broken.push(`it ended with ${state}, not ${expected}`)
    const where = `${job.name} on ${dialect}, cut ${kind} at request ${at} of ${requests}`
    tried.broken.push(...broken.map((what) => `${where}: ${what}`))
  }
}

interface Ended {
  broken: string[]
  state: string
  requests: number
}

async function runCut(
  job: CutJob,
  dialect: DialectName,
  cut: { at: number; kind: CutKind },
  clock: VirtualClock,
): Promise<Ended> {
  const server = createImageServer({ dialect, instances: [{ name: 'web1' }] })
  const broken: string[] = []
  const member = { name: 'it', server, aliases: new Map<string, string>() }
  const noteGaps = async (request: string): Promise<void> => {
    const gaps = await findGaps(member, request)
    broken.push(...gaps.filter((gap) => !(job.removes && gap.includes('has vanished'))))
  }
  const reach = (which: typeof cut) => cutConnection(server, origin, which, noteGaps)
  const whole = reach({ ...cut, at: 0 })
  const once = reach(cut)
  let isBusy = (): boolean => whole.isBusy() || once.isBusy()
  /** Lets time pass until the work has ended. */
  const finish = async <T>(work: Promise<T>): Promise<T | { error: unknown }> => {
    let outcome: { value: T } | { error: unknown } | undefined
    work.then(
      (value) => {
        outcome = { value }
      },
      (error: unknown) => {
        outcome = { error }
      },
    )
    for (let waited = 0; outcome === undefined; waited++) {
      if (waited === 600) return { error: new Error('it has not ended after ten minutes') }
      await clock.pass(1_000, () => outcome === undefined && isBusy())
    }
    return 'value' in outcome ? outcome.value : { error: outcome.error }
  }
  const isFailure = (result: unknown): result is { error: unknown } =>
    typeof result === 'object' && result !== null && Object.keys(result).join() === 'error'
  try {
    const client = (transport: typeof whole.transport) => createClient({ transport })
    const prepared = await finish(job.prepare(client(whole.transport), whole.transport))
    if (isFailure(prepared)) broken.push(`it could not be prepared: ${prepared.error}`)
    const first = await finish(job.run(client(once.transport), once.transport))
    if (isFailure(first) && !isHyperkitError(first.error) && !(first.error instanceof UndoneError))
      broken.push(`it threw ${first.error instanceof Error ? first.error.stack : first.error}`)
    const before = isFailure(first) ? undefined : await stateOf(server)
    const again = await finish(job.run(client(whole.transport), whole.transport))
    if (isFailure(again)) broken.push(`it failed again: ${again.error}`)
    // Locks and tokens that could not be removed have expired by then.
    await clock.pass(120_000, isBusy)
    const state = await stateOf(server)
    const { tokens } = await readState({ server })
    // Only a manifest says whose a token is, so that the next run may cancel it.
    if (tokens > 0 && /^(apply|rollback)/.test(job.name)) broken.push(`${tokens} tokens are left`)
    if (before !== undefined && before !== state) broken.push(`it reported success, and had ${before}`)
    return { broken, state, requests: once.requests() }
  } finally {
    isBusy = () => false
    await server.close()
  }
}

/** Everything that the job can change, as one text. What an instance becomes has another fingerprint each time. */
async function stateOf(server: ReturnType<typeof createImageServer>): Promise<string> {
  const { aliases, images } = await readState({ server })
  const published = images.flatMap(({ fingerprint, properties }) =>
    'hyperkit.source' in properties ? [fingerprint] : [],
  )
  const shownAs = (fingerprint: string): string =>
    published.includes(fingerprint) ? 'published' : fingerprint.slice(0, 12)
  const shown = images.map(({ fingerprint, ...image }) => {
    const { properties, public: isPublic, expires_at: expiry } = image as unknown as Record<string, unknown>
    return [shownAs(fingerprint), properties, isPublic, expiry]
  })
  const names = aliases.map(({ name, target, description }) => [name, shownAs(target), description])
  return JSON.stringify([shown.sort(), names.sort()])
}
