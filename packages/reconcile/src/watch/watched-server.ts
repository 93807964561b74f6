import type { Dependents } from './find-dependents.ts'
import type { EventFilter } from './queue/event-filter.ts'

/** What a watch remembers of a server. */
export interface WatchedServer {
  readonly name: string
  isConnected: boolean
  /** Whether the last pass succeeded; undefined before the first. */
  isGood?: boolean
  /** The number of the newest pass that recorded it; undefined before the first. */
  newestPass?: number
  /** Undefined if all is well. */
  failure?: string | undefined
  /** The failure was reported for this server alone, so its end is reported too. */
  isReportedAlone?: boolean
  /** All servers have the failure. */
  isShared?: boolean
  /** Failed passes in a row. */
  failures: number
  /** The pending changes that were reported, a key each. */
  pending: ReadonlySet<string>
  /** Undefined until the server was read. */
  filter?: EventFilter | undefined
  /** Servers that get images from this one. */
  dependents: readonly Dependents[]
  /** Times at which it was changed because of its events. */
  changedAt: number[]
}
