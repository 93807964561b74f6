import type { ChangeResult } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { Change } from '../documents/plan.ts'
import type { RunReport } from '../documents/run-report.ts'
import type { Concern } from './queue/concerns.ts'

/** What one run found and did. */
export interface Looked {
  servers: readonly LookedServer[]
  /** Why nothing could be looked at or done anywhere: a source that cannot be read, another run's lock. */
  failure?: Failure | undefined
  /** Why nothing of the plan was done. */
  refusals: readonly string[]
  /** Without secrets. */
  report(): RunReport
}

export interface LookedServer {
  name: string
  /** It could not be read, or something was not done. */
  failure?: Failure | undefined
  results: readonly ChangeResult[]
  /** Changes that were found and not begun, because they are only looked for or were refused. */
  pending: readonly Change[]
  /** Undefined where it could not be read. */
  concern?: Concern | undefined
}
