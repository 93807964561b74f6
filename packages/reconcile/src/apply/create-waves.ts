import type { ServerReport } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { ReportedWave, RolloutReport } from '../documents/rollout.ts'
import type { Rollout } from '../manifest/rollout.ts'
import { listServers, paused } from '../render/render-rollout.ts'
import { checkWave } from './check-wave.ts'
import { explainServers, interruption, stateOfWave } from './describe-wave.ts'
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
  /** Whether the run was aborted. Codes do not say so: a download that broke off is `interrupted` too. */
  isInterrupted: boolean
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
  const unchecked = new Map<string, Failure>()
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
    const good = reports.filter((report) => !bad.includes(report)).map(({ name }) => name)
    const isInterrupted = signal.aborted
    const why = interruption(signal) ?? explainServers(bad)
    if (why !== undefined) {
      const pause = { wave, why, isInterrupted }
      const isPassed = book.passes(pause, bad.length)
      leaveUnchecked(isPassed ? bad.map(({ name }) => name) : planned.servers, why)
      if (!isPassed) return pause
    }
    return checkNow(wave, good)
  }

  const checkNow = async (wave: number, servers: string[]): Promise<Pause | undefined> => {
    if (check === undefined || servers.length === 0) return undefined
    onNote?.(`Wave ${wave}: checking ${listServers(servers)} with ${check[0]}`)
    const why = await checkWave(options, { manifest, wave, servers, signal })
    if (why === undefined) return undefined
    leaveUnchecked(servers, why)
    const pause = { wave, why, isInterrupted: signal.aborted }
    return book.passes(pause, 1) ? undefined : pause
  }

  const leaveUnchecked = (servers: readonly string[], why: Failure): void => {
    if (check !== undefined) for (const server of servers) unchecked.set(server, why)
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
      const { wave, why, isInterrupted } = pause
      if (isInterrupted) return why
      return {
        code: paused,
        message: `not started: the rollout is paused after wave ${wave}: ${why.message}`,
      }
    },
    async checked(server) {
      await judge(indexOf(server))
      return unchecked.get(server)
    },
    isChecked: (server) => judged.has(indexOf(server)),
    isLater: (server) => indexOf(server) > 0,
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
  passes(pause: Pause, count: number): boolean
}

function createBook({ pauseOnFailure, resume = false, onNote }: RolloutOptions): Book {
  const found = new Map<number, Pick<ReportedWave, 'state' | 'error' | 'passed'>>()
  let left = resume ? 1 : 0
  return {
    found,
    passes({ wave, why: error, isInterrupted }, count) {
      const isPassed = !isInterrupted && (!pauseOnFailure || count <= left)
      if (isPassed && pauseOnFailure) left -= count
      if (isPassed) onNote?.(`Wave ${wave} failed, and the rollout goes on: ${error.message}`)
      const before = found.get(wave)?.error
      const message = before === undefined ? error.message : `${before.message}; ${error.message}`
      found.set(wave, {
        state: isInterrupted ? 'interrupted' : 'failed',
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
