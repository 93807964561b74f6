import type { Failure } from '../sources/describe-failure.ts'
import type { Change, ImageProblem } from './plan.ts'

export type { Failure }

/** What became of a plan; itself the document that `apply --json` prints. */
export interface ApplyReport {
  format: 'hyperkit-apply'
  version: 1
  manifest: { file: string; name: string }
  servers: ServerReport[]
}

/** What became of the plan of one server. */
export interface ServerReport {
  name: string
  /** `done` also where nothing was to do; `unread`: nothing was planned there. */
  status: 'done' | 'failed' | 'interrupted' | 'unread'
  /** Of the server as a whole. */
  error?: Failure
  results: ChangeResult[]
  /** Images for which nothing was planned; the status is `failed` then. */
  problems?: ImageProblem[]
}

/** What became of one change. */
export interface ChangeResult {
  change: Change
  outcome: 'done' | 'failed' | 'interrupted' | 'skipped'
  /** Of an image that the plan could not know the fingerprint of. */
  fingerprint?: string
  /** Why it failed, or why it was not begun. */
  error?: Failure
  /** What went wrong although its image is there, a sentence each; also of one that was interrupted. */
  warnings?: string[]
}

/** What happens while a plan is applied. */
export type ApplyEvent =
  | { kind: 'begun'; server: string; change: Change }
  | {
      kind: 'moved'
      server: string
      change: Change
      progress: { bytes?: number; totalBytes?: number; percent?: number; bytesPerSecond?: number }
    }
  | { kind: 'waiting'; server: string; change: Change; message: string }
  | { kind: 'warned'; server: string; change: Change; message: string }
  | { kind: 'ended'; server: string; result: ChangeResult }
