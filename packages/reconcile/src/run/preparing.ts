import type { RegistryLimits } from '@hyperkit/core/parts'
import type { Semaphore } from '../concurrency/semaphore.ts'
import type { Desired } from '../desired/desired.ts'
import type { Plan } from '../documents/plan.ts'
import type { LoadedManifest } from '../manifest/load-manifest.ts'
import type { Manifest } from '../manifest/manifest.ts'
import type { Selection } from '../manifest/select-servers.ts'
import type { ObservedServer } from '../observed/observed.ts'
import type { KnownServers } from '../observed/read-observed.ts'
import type { Refusal } from '../plan/guard/guard-plan.ts'
import type { Fingerprinter } from '../sources/source-context.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'
import type { Connections } from './connections.ts'
import type { KeptDesired } from './keep-contents.ts'

/** Which part of a manifest is planned, and how. */
export interface PlanChoice extends Selection {
  /** Refuse differences from the lock file. */
  frozen?: boolean | undefined
  /** Images to publish again, even if they were published before. */
  republish?: readonly string[] | undefined
}

/** What a plan is made from. */
export interface PlanInput extends PlanChoice {
  /** The files and folders of the manifest. */
  paths: readonly string[]
}

/** A plan that can be carried out, with its refusals and the connections that it was made over. */
export interface Prepared extends Connections {
  plan: Plan
  /** Why the plan must not be carried out; empty if it may be. */
  refusals: Refusal[]
  /** The desired state that the plan was made from; undefined for a rollback. */
  desired?: Desired | undefined
  /** Gives equal texts for two names of the same server. */
  identify(server: string): string
}

/** What planning needs from the command. */
export interface Preparing extends OpenOptions {
  signal: AbortSignal
  /** Called with the secrets of a manifest, before any message can contain them. */
  hide(secrets: Manifest['secrets']): void
  /** Called with a sentence for the user that is not an error. */
  note(sentence: string): Promise<void>
  /** How files of sources are hashed. @default files that are unchanged since an earlier run are not read */
  fingerprint?: Fingerprinter | undefined
  /** Connections to use, which the caller closes. @default new ones, which the plan's `close` closes */
  connections?: Connections | undefined
  /** What was read of a server before, which is not read again. @default nothing */
  known?: KnownServers | undefined
  /** What servers should have, which is not read from the sources again. @default nothing */
  desired?: KeptDesired | undefined
  /** When registries may be asked again that wanted no more requests. @default what this pass finds out */
  registryLimits?: RegistryLimits | undefined
  /** How many servers are read at once, without those that have not answered after some seconds. @default 16 */
  parallelism?: number | undefined
  /** How many images of a server are worked on at once, unless the manifest says so. @default 4 */
  imagesPerServer?: number | undefined
  /**
   * Whether a server that has few images may be read from a list of them, with ETags only for what is changed; not for a plan that is saved, since
   * its ETags are compared later. @default false
   */
  lists?: boolean | undefined
  /** The places of servers that are read, if other plans share them. @default as many as `parallelism` */
  places?: Semaphore | undefined
}

/** The desired state, the observed state, and the changes between them without pruning. */
export interface ObservedManifest extends Omit<Prepared, 'refusals' | 'desired'> {
  desired: Desired
  observed: ObservedServer[]
  manifest: LoadedManifest
}

/** A plan with everything that it was made from. */
export interface PreparedPlan extends Prepared, ObservedManifest {
  desired: Desired
}
