import type { ChangeResult } from '../documents/apply-report.ts'
import type { Change } from '../documents/plan.ts'
import type { Reason, RunResult, ServerState } from '../documents/watch.ts'

/** An event that a watch reports. */
export type WatchEvent =
  | { kind: 'change'; server: string; result: ChangeResult }
  /** Something went wrong, but the image is on the server. */
  | { kind: 'warned'; server: string; change: Change; message: string }
  /** The change would be made without `--dry-run`. */
  | { kind: 'pending'; server: string; change: Change }
  | { kind: 'server'; server: string; state: ServerState; message?: string | undefined }
  /** `refused`: the last valid manifest stays in use. */
  | { kind: 'manifest'; state: 'loaded' | 'refused'; message: string }
  /** A run that changed something, failed, or found something to do. */
  | { kind: 'run'; run: WatchedRun }
  /** A warning or an error, unless it is a note: `--quiet` leaves notes out. */
  | { kind: 'message'; message: string; isNote?: true }

/** One run of a watch: its reasons, servers, result and duration. */
export interface WatchedRun {
  reasons: readonly Reason[]
  servers: readonly string[]
  result: RunResult
  seconds: number
  changesDone: number
  changesNotDone: number
  changesPending: number
}
