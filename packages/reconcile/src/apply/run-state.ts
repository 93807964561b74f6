import type { Client } from '@hyperkit/core'
import type { Audit } from '../audit/audit.ts'
import type { KeyedMutex } from '../concurrency/keyed-mutex.ts'
import type { Desired, DesiredServer } from '../desired/desired.ts'
import type { ServerReport } from '../documents/apply-report.ts'
import type { Failure } from '../documents/error.ts'
import type { Change, PlannedServer, ServerPlan } from '../documents/plan.ts'
import type { RolloutReport } from '../documents/rollout.ts'
import type { ApplyEvent } from '../plan/apply-event.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import type { UsageCheck } from './check-usage.ts'
import type { ServerToDo } from './coming-server.ts'
import type { Downloads } from './create-downloads.ts'
import type { ServerLocks } from './lock-servers.ts'
import type { Places } from './places.ts'
import type { Roster } from './roster.ts'
import type { SharedUploads } from './share-uploads.ts'
import type { Contents } from './track-contents.ts'
import type { Deletions } from './track-deletions.ts'
import type { UploadNotes } from './upload-notes.ts'

/** The state that the servers of a run share. */
export interface Run extends OpenOptions {
  signal: AbortSignal
  /** Name of the manifest. */
  manifest: string
  open(server: string): Promise<Client>
  identify(server: string): string
  onEvent?: ((event: ApplyEvent) => void) | undefined
  /** Called with each plan of a server before its work begins. */
  onPlanned?: ((server: ServerPlan) => void) | undefined
  /** Called with the report of a server whose work has ended, but for what is pruned. */
  onWorked?: ((report: ServerReport) => void) | undefined
  /** The places of servers that are worked on at once. */
  places: Places
  /** How many images of a server are worked on at once. */
  imagesAtOnce(server: string): number
  imageMutex: KeyedMutex
  /** Keys of the images that were brought to servers, or perhaps were: another entry for the same server may want them too. */
  brought: Set<string>
  /**
   * For each entry whose lock was not left since it was planned, and on which all that killed runs have left was settled: the images that
   * something was left of, so that the server may have them by now. An entry that is not here may have any image.
   */
  leftovers: Map<string, ReadonlySet<string>>
  roster: Roster
  contents: Contents
  downloads: Downloads
  uploads: SharedUploads
  /** Undefined: changes are not recorded. */
  audit: Audit | undefined
  checkUsage: UsageCheck
  /** Bytes: the largest image that the policy allows. */
  maxSize: number | undefined
  deletions: Deletions
  /** The identities of servers where it was tried to settle what a killed run has left: once in a run, also if that failed. */
  settled: Set<string>
  /** What this machine has begun to bring to servers. Undefined: nothing is noted. */
  notes: UploadNotes | undefined
  /** Undefined: nothing is locked. */
  locks: ServerLocks | undefined
  /** Plans a server again, after another run had its lock or may have had it, with the contents that earlier waves of a rollout got. */
  planAgain: ((server: string, remaining: Remaining) => Promise<PlannedAgain>) | undefined
  /** What the manifest wants on servers whose plans are there; empty for a rollback. */
  wanted: Map<string, DesiredServer>
  phases: Phases
  /** Undefined: all servers begin at once. */
  waves: Waves | undefined
}

/**
 * Why a server is planned again under its lock: another run had the `lock`; it waited for earlier ones of a rollout before its `wave` began;
 * it gave up its `place`, and its lock, in the midst of its changes because too many servers were worked on; or it has to `prune`, and
 * waited without its lock for others.
 */
export type PlanningAgain = 'lock' | 'wave' | 'place' | 'prune'

/** What a run has yet to do on a server. */
export interface Remaining {
  changes: readonly Change[]
  /** Whether it has made other changes there, so that the server differs from the one that was planned. */
  isBegun: boolean
  why: PlanningAgain
}

/** A server's plan from its current state. */
export interface PlannedAgain {
  server: PlannedServer
  desired?: Desired | undefined
  /** As in `ServerToDo`. */
  rest?: ServerToDo['rest']
}

/** Which servers have made all changes but those of pruning. */
export interface Phases {
  end(report: ServerReport): void
  /** Resolves with the reports of servers when all of them are so far. */
  reports(servers: readonly string[]): Promise<ServerReport[]>
  /** Whether a server need not wait before it is pruned. */
  isReadyToPrune(server: string): boolean
  /**
   * What a server waits for before it is pruned: the reports of all entries that are the same server, and of those that copy from it, when
   * they are so far. Which these are is known when every server has answered or was given up.
   */
  before(server: string): Promise<{ names: readonly string[]; same: ServerReport[]; copiers: ServerReport[] }>
}

/** Decides when the servers of a plan may begin. */
export interface Waves {
  /** Resolves when the wave of a server begins; with the reason if it does not. */
  begin(server: string): Promise<Failure | undefined>
  /**
   * Resolves when the wave of a server was judged; with the reason if the server has not passed its check: the check failed, or did not run
   * because a server failed. Without a check every server has.
   */
  checked(server: string): Promise<Failure | undefined>
  isChecked(server: string): boolean
  /** Whether a server has to wait for an earlier wave. */
  isLater(server: string): boolean
  /** The wave of a server, if it comes after that of another one. */
  laterWave(server: string, than: string): number | undefined
  /** Checks the waves that were changed and that nothing has asked for, and reports how far each came. */
  end(servers: readonly ServerReport[]): Promise<RolloutReport>
}

/** Whether a change deletes an old version. */
export function isPruning(change: Change): boolean {
  return change.action === 'delete-image' && change.prune !== undefined
}
