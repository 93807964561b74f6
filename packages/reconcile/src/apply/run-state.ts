import type { Client } from '@hyperkit/core'
import type { KeyedMutex } from '../concurrency/keyed-mutex.ts'
import type { Semaphore } from '../concurrency/semaphore.ts'
import type { Desired, DesiredServer } from '../desired/desired.ts'
import type { ServerReport } from '../documents/apply-report.ts'
import type { Change, PlannedServer } from '../documents/plan.ts'
import type { ApplyEvent } from '../plan/apply-event.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import type { UsageCheck } from './check-usage.ts'
import type { Downloads } from './create-downloads.ts'
import type { ServerLocks } from './lock-servers.ts'
import type { SharedUploads } from './share-uploads.ts'
import type { Contents } from './track-contents.ts'

/** The state that the servers of a run share. */
export interface Run extends OpenOptions {
  signal: AbortSignal
  /** Name of the manifest. */
  manifest: string
  open(server: string): Promise<Client>
  identify(server: string): string
  onEvent?: ((event: ApplyEvent) => void) | undefined
  /** How many servers are worked on at once. */
  semaphore: Semaphore
  imageMutex: KeyedMutex
  contents: Contents
  downloads: Downloads
  uploads: SharedUploads
  checkUsage: UsageCheck
  /** The identities of servers on which nothing of a killed run is left. */
  settled: Set<string>
  /** Undefined: nothing is locked. */
  locks: ServerLocks | undefined
  /** Plans a server again, after another run had its lock. */
  planAgain: ((server: string) => Promise<PlannedAgain>) | undefined
  /** Whether it is planned again even if no other run had its lock. */
  alwaysPlanAgain: boolean
  /** What the manifest wants on a server; undefined for a rollback. */
  wantedOn(server: string): DesiredServer | undefined
  phases: Phases
}

/** A server's plan from its current state. */
export interface PlannedAgain {
  server: PlannedServer
  desired?: Desired | undefined
}

/** Which servers have made all changes but those of pruning. */
export interface Phases {
  /** Resolves with the reports of servers when all of them are so far. */
  reports(servers: readonly string[]): Promise<ServerReport[]>
  isOver(servers: readonly string[]): boolean
  end(report: ServerReport): void
  /** The servers that a server waits for before it is pruned: those that are the same, and those that copy from it. */
  before(server: string): { same: readonly string[]; copiers: readonly string[] }
}

/** Whether a change deletes an old version. */
export function isPruning(change: Change): boolean {
  return change.action === 'delete-image' && change.prune !== undefined
}
