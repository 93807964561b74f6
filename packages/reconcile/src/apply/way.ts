import type { ChangeResult } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { Change, PlannedServer } from '../documents/plan.ts'
import type { ServerToDo } from './coming-server.ts'
import type { Held } from './lock-servers.ts'
import type { Place } from './places.ts'
import type { Settling } from './settle-server.ts'

/** How far a server is. */
export interface Way extends Settling {
  server: PlannedServer
  waiting: Change[]
  /** The changes that have begun and not ended. */
  running: Map<Change, Promise<void>>
  /** In the order in which the changes ended. */
  results: ChangeResult[]
  /** Where changes are in the plan, which is the order of the report. */
  order: Map<Change, number>
  /** What a function of the caller has thrown. */
  thrown?: { error: unknown }
  /** Set while the server is locked. */
  held?: Held
  /** Set while it is locked, and counts as one of those that are worked on unless it hangs. */
  place?: Place
  /** Why the server as a whole failed. */
  failure?: Failure
  /** Why its wave did not begin. */
  paused?: Failure
  /** Its whole plan, if `server` is without what is pruned. */
  rest: ServerToDo['rest']
  /** Whether nothing is left to do but pruning. */
  isWorked?: boolean
  /** Whether it was planned before it waited for an earlier wave, and has not been planned again. */
  isOld?: boolean
  /** Whether its lock was given up in the midst of its changes, and it has not been planned again. */
  isInterrupted?: boolean
  /** Whether what is pruned was planned before the server waited for others, unlocked. */
  isLate?: boolean
  /** Deletions that a plan from under the lock has no longer. */
  outdated?: ReadonlySet<Change>
}
