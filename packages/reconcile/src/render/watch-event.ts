import type { ChangeResult } from '../plan/outcome.ts'
import type { Change } from '../plan/plan.ts'
import type { Reason } from '../watch/queue/agenda.ts'
import type { RunResult } from '../watch/queue/run-result.ts'

/** What a watch reports. */
export type WatchEvent =
  | { kind: 'change'; server: string; result: ChangeResult }
  /** What went wrong although the image is there. */
  | { kind: 'warned'; server: string; change: Change; message: string }
  /** It would be done without `--dry-run`. */
  | { kind: 'pending'; server: string; change: Change }
  | { kind: 'server'; server: string; state: ServerState; message?: string | undefined }
  /** `refused`: the one before stays in force. */
  | { kind: 'manifest'; state: 'loaded' | 'refused'; message: string }
  /** One that changed something, failed, or found something to do. */
  | { kind: 'run'; run: WatchedRun }
  | { kind: 'message'; message: string }

export const serverStates = ['connected', 'lost', 'failed', 'recovered', 'in-sync'] as const
/**
 * What became of a server. By its events: `connected`, `lost`. By the runs: `failed`, `recovered`, and `in-sync` if changes
 * were pending and are no more.
 */
export type ServerState = (typeof serverStates)[number]

/** One run of a watch: why, where, how it ended and how long it took. */
export interface WatchedRun {
  reasons: readonly Reason[]
  servers: readonly string[]
  result: RunResult
  seconds: number
  changesDone: number
  changesNotDone: number
  changesPending: number
}
