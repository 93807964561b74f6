import type { ServerReport } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { ReportedWave, RolloutReport } from '../documents/rollout.ts'
import type { Rollout } from '../manifest/rollout.ts'
import { listServers, paused } from '../render/render-rollout.ts'
import { checkWave } from './check-wave.ts'
import { explainServers, interruption, isInterruption, stateOfWave } from './describe-wave.ts'
import type { Phases, Waves } from './run-state.ts'

/** How the waves of a plan are held. */
export interface RolloutOptions extends Pick<Rollout, 'check' | 'checkTimeout' | 'pauseOnFailure'> {
  /** Whether one failed check or server is passed. @default false */
  resume?: boolean | undefined
  /** Called with a sentence when a wave begins, when it is checked, and when a failure is passed. */
  onNote?: ((sentence: string) => void) | undefined
}

/** A wave: its number, and the servers that it has in a plan. */
export type HeldWave = Pick<ReportedWave, 'wave' | 'servers'>

/** Why the waves after one must not begin. */
interface Pause {
  wave: number
  why: Failure
}

/**
 * Holds the servers of a plan until their wave begins. A wave is judged when a later one wants to begin, or else after its own changes:
 * all of its servers must have ended well, and then its check must pass. So no state is kept from run to run: a wave that is in sync is
 * only checked.
 */
export function createWaves(
  waves: readonly HeldWave[],
  options: RolloutOptions,
  { phases, manifest, signal }: { phases: Phases; manifest: string; signal: AbortSignal },
): Waves {
  const { check, onNote } = options
  const indexOf = (server: string): number => waves.findIndex(({ servers }) => servers.includes(server))
  const judgements = new Map<number, Promise<Pause | undefined>>()
  const judged = new Set<number>()
  const checks = new Map<number, Failure>()
  const begun = new Set<number>()
  const book = createBook(options)

  /** Why no wave after this one begins. */
  const judge = (index: number): Promise<Pause | undefined> => {
    const judgement = judgements.get(index) ?? judgeNow(index).finally(() => judged.add(index))
    judgements.set(index, judgement)
    return judgement
  }

  const judgeNow = async (index: number): Promise<Pause | undefined> => {
    const planned = waves[index]
    if (planned === undefined) return undefined
    const before = await judge(index - 1)
    if (before !== undefined) return before
    const { wave } = planned
    const reports = await phases.reports(planned.servers)
    const bad = reports.filter(({ status }) => status !== 'done')
    const why = interruption(signal) ?? explainServers(bad)
    if (why !== undefined && !book.passes(wave, why, bad.length)) return { wave, why }
    const good = reports.filter((report) => !bad.includes(report)).map(({ name }) => name)
    const failure = await checkNow(index, wave, good)
    if (failure !== undefined && !book.passes(wave, failure, 1)) return { wave, why: failure }
    return undefined
  }

  const checkNow = async (index: number, wave: number, servers: string[]): Promise<Failure | undefined> => {
    if (check === undefined || servers.length === 0) return undefined
    onNote?.(`Wave ${wave}: checking ${listServers(servers)} with ${check[0]}`)
    const failure = await checkWave(options, { manifest, wave, servers, signal })
    if (failure !== undefined) checks.set(index, failure)
    return failure
  }

  const announce = (index: number): undefined => {
    const wave = waves[index]
    if (index > 0 && wave !== undefined && !begun.has(index))
      onNote?.(`Wave ${wave.wave} begins: ${listServers(wave.servers)}`)
    begun.add(index)
    return undefined
  }

  return {
    async begin(server) {
      const index = indexOf(server)
      const pause = await judge(index - 1)
      if (pause === undefined) return announce(index)
      const { wave, why } = pause
      if (isInterruption(why)) return why
      return {
        code: paused,
        message: `not started: the rollout is paused after wave ${wave}: ${why.message}`,
      }
    },
    async checked(server) {
      const index = indexOf(server)
      await judge(index)
      return checks.get(index)
    },
    isChecked: (server) => judged.has(indexOf(server)),
    laterWave(server, than) {
      const index = indexOf(server)
      return index > indexOf(than) ? waves[index]?.wave : undefined
    },
    async end(servers) {
      for (const [index, wave] of waves.entries()) if (isChanged(wave, servers)) await judge(index)
      return reportWaves(waves, servers, book.found)
    },
  }
}

/** What is known of the waves that failed. */
interface Book {
  found: ReadonlyMap<number, Pick<ReportedWave, 'state' | 'error' | 'passed'>>
  /** Writes down a failure of so many servers, or of a check, and says whether the rollout goes on in spite of it. */
  passes(wave: number, error: Failure, count: number): boolean
}

function createBook({ pauseOnFailure, resume = false, onNote }: RolloutOptions): Book {
  const found = new Map<number, Pick<ReportedWave, 'state' | 'error' | 'passed'>>()
  let left = resume ? 1 : 0
  return {
    found,
    passes(wave, error, count) {
      const isPassed = !isInterruption(error) && (!pauseOnFailure || count <= left)
      if (isPassed && pauseOnFailure) left -= count
      if (isPassed) onNote?.(`Wave ${wave} failed, and the rollout goes on: ${error.message}`)
      const before = found.get(wave)?.error
      const message = before === undefined ? error.message : `${before.message}; ${error.message}`
      found.set(wave, {
        state: isInterruption(error) ? 'interrupted' : 'failed',
        error: { code: before?.code ?? error.code, message },
        ...(isPassed ? { passed: true as const } : {}),
      })
      return isPassed
    },
  }
}

function isChanged({ servers }: HeldWave, reports: readonly ServerReport[]): boolean {
  return reports.some(
    ({ name, status, results }) => servers.includes(name) && status !== 'waiting' && results.length > 0,
  )
}

function reportWaves(
  planned: readonly HeldWave[],
  reports: readonly ServerReport[],
  found: Book['found'],
): RolloutReport {
  const waves = planned.map(({ wave, servers }): ReportedWave => {
    const own = reports.filter(({ name }) => servers.includes(name))
    return { wave, servers, ...(found.get(wave) ?? stateOfWave(own)) }
  })
  const pausing = waves.find(({ state, passed }) => state === 'failed' && passed !== true)
  const isPaused = pausing !== undefined && waves.some(({ state }) => state === 'waiting')
  return { waves, ...(isPaused ? { paused: pausing.wave } : {}) }
}
