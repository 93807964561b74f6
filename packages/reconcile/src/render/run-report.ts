import type { Change } from '../plan/plan.ts'

/** What a run found, planned and did, for people who were not there; itself the document of `--report FILE.json`. */
export interface RunReport {
  format: 'hyperkit-report'
  version: 1
  run: 'plan' | 'apply'
  /** RFC 3339. */
  at: string
  manifest: { file: string; name: string }
  summary: ReportSummary
  /** Names of the manifest's images, in its order. */
  images: string[]
  servers: ReportedServer[]
  /** Why nothing was done. */
  refusals: string[]
}

/** The numbers of a report. */
export interface ReportSummary {
  servers: number
  serversInSync: number
  serversUnread: number
  changes: number
  changesDone: number
  /** Failed, interrupted and skipped ones. */
  changesNotDone: number
  /** Of what goes to servers, planned or, after an apply, done. */
  bytes: number
}

/** One server of a report. */
export interface ReportedServer {
  name: string
  /** `lxd 5.0.2`; `null` where it could not be read. */
  kind: string | null
  state: CellState
  error: string | null
  cells: ReportedCell[]
  changes: ReportedChange[]
}

/** An image on a server that wants it, or wants it gone. */
export interface ReportedCell {
  image: string
  state: CellState
}

/** `unknown`: the server could not be read. */
export type CellState = 'in-sync' | 'absent' | 'planned' | 'done' | 'failed' | 'skipped' | 'unknown'

/** One change of a report. */
export interface ReportedChange {
  image: string
  action: Change['action']
  fingerprint: string
  /** `upload image ubuntu/noble` */
  title: string
  detail: string
  why: string
  state: CellState
  error: string | null
  /** What went wrong although its image is there; missing for nothing. */
  warnings?: string[]
  fields: { name: string; value: string }[]
}
