import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import fc from 'fast-check'
import { clientCalls, type HostileCall } from './calls.ts'
import { fault } from './faults.ts'
import { type Fixtures, makeFixtures } from './fixtures.ts'
import { judge, type Outcome } from './judge.ts'
import { type Attack, openScene } from './open-scene.ts'
import { sourceCalls } from './source-calls.ts'

const calls: Record<string, HostileCall> = { ...clientCalls, ...sourceCalls }

/** A run that broke a promise. */
export interface Broken {
  run: number
  call: string
  attack: Attack
  why: string
}

/** What the runs have shown. */
export interface Tried {
  runs: number
  /** How often each call ended with a value, with an error, or with the abort of its signal. */
  ends: { value: number; error: number; aborted: number }
  broken: Broken[]
}

/** Which runs to make. */
export interface TryHostileOptions {
  seed: number
  runs: number
  /** Only the run of this number, as a report names it. */
  only?: number | undefined
  /** Called after each run. */
  onRun?: ((run: number, call: string) => void) | undefined
}

const attack: fc.Arbitrary<{ call: string; attack: Attack }> = fc.record({
  call: fc.constantFrom(...Object.keys(calls)),
  attack: fc.record({
    dialect: fc.constantFrom(
      'lxd-5.0' as const,
      'lxd-6.9' as const,
      'incus-6.0' as const,
      'incus-7.0' as const,
    ),
    faults: fc.array(fault, { minLength: 1, maxLength: 3 }),
    at: fc.oneof(
      { weight: 4, arbitrary: fc.nat({ max: 3 }) },
      { weight: 2, arbitrary: fc.nat({ max: 12 }) },
      { weight: 1, arbitrary: fc.constant('every' as const) },
    ),
  }),
})

/** Makes calls of a server whose answers are spoiled, and judges how they end. The same seed makes the same runs. */
export async function tryHostile({ seed, runs, only, onRun }: TryHostileOptions): Promise<Tried> {
  const fixtures = await makeFixtures()
  const { XDG_CACHE_HOME: before } = process.env
  process.env.XDG_CACHE_HOME = join(fixtures.folder, 'cache')
  const tried: Tried = { runs: 0, ends: { value: 0, error: 0, aborted: 0 }, broken: [] }
  const stray: unknown[] = []
  const note = (reason: unknown): void => void stray.push(reason)
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  try {
    for (const [run, each] of fc.sample(attack, { seed, numRuns: runs }).entries()) {
      if (only !== undefined && run !== only) continue
      const why = await tryOnce(each, fixtures, tried)
      const strayed = stray
        .splice(0)
        .map((reason) => (reason instanceof Error ? reason.stack : String(reason)))
      const all = [...(why === undefined ? [] : [why]), ...strayed.map((text) => `nobody caught ${text}`)]
      if (all.length > 0) tried.broken.push({ run, ...each, why: all.join('; ') })
      tried.runs++
      onRun?.(run, each.call)
    }
    return tried
  } finally {
    process.off('unhandledRejection', note)
    process.off('uncaughtException', note)
    if (before === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = before
    fixtures.remove()
  }
}

/** Milliseconds after which a call is aborted, on any machine, or because it may wait for long; and until it must have ended then. */
const [patience, waiting, grace] = [30_000, 3_000, 40_000]

async function tryOnce(
  { call: name, attack: plan }: { call: string; attack: Attack },
  fixtures: Fixtures,
  tried: Tried,
): Promise<string | undefined> {
  const call = calls[name]
  if (call === undefined) throw new Error(`there is no call "${name}"`)
  rmSync(fixtures.out, { recursive: true, force: true })
  mkdirSync(fixtures.out)
  const abort = new AbortController()
  const limit = call.waits ? waiting : patience
  const { scene, close } = await openScene(fixtures, plan, abort.signal)
  const timer = setTimeout(() => abort.abort(new Error('the run takes too long')), limit)
  let last: ReturnType<typeof setTimeout> | undefined
  const never = new Promise<Outcome>((resolve) => {
    last = setTimeout(() => resolve('never'), limit + grace)
  })
  try {
    const ended: Promise<Outcome> = call.run(scene).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    const outcome = await Promise.race([ended, never])
    if (outcome !== 'never')
      tried.ends['value' in outcome ? 'value' : scene.signal.aborted ? 'aborted' : 'error']++
    return await judge(call, outcome, scene)
  } finally {
    clearTimeout(timer)
    clearTimeout(last)
    await close()
  }
}
