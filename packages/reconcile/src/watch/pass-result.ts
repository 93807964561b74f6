import type { ChangeResult } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { Change } from '../documents/plan.ts'
import type { RunReport } from '../documents/run-report.ts'
import type { EventFilter } from './queue/event-filter.ts'

/** What one pass found and did. */
export interface PassResult {
  servers: readonly ServerResult[]
  /** Why nothing could be read or done on any server: a source that cannot be read, another run's lock. */
  failure?: Failure | undefined
  /** What failed in the waves of a rollout, apart from single servers. */
  rollout?: readonly Failure[] | undefined
  /** Why nothing of the plan was done. */
  refusals: readonly string[]
  /** Without secrets. */
  report(): RunReport
}

export interface ServerResult {
  name: string
  /** The server could not be read, or a change was not made. */
  failure?: Failure | undefined
  results: readonly ChangeResult[]
  /** Changes that were found and not started, in a dry run or after a refusal. */
  pending: readonly Change[]
  /** Whether `pending` is still without what would be pruned. */
  isPartial?: boolean
  /** What is left to a later pass, because an earlier one still works on servers that it needs. */
  left?: { changes: readonly Change[]; busy: readonly string[] } | undefined
  /** Undefined if the server could not be read. */
  filter?: EventFilter | undefined
}
