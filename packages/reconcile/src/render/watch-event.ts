import type { ChangeResult } from '../documents/apply-report.ts'
import type { Change } from '../documents/plan.ts'
import type { Reason, RunResult, ServerState } from '../documents/watch.ts'

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
  /** A warning or an error, unless it is a note: `--quiet` leaves notes out. */
  | { kind: 'message'; message: string; isNote?: true }

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
