import type { Cluster, Member } from '../cluster/cluster.ts'
import type { Dialect, WaitDialect } from '../dialect/dialect.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { Operations } from '../operations/operations.ts'
import type { Records } from '../records/records.ts'
import type { SeededInstance } from '../records/seeded-instance.ts'
import type { Store } from '../store/store.ts'
import type { Identity } from '../trust/identity.ts'
import type { Peer } from '../trust/peer.ts'

/** Where a server stores images, if not on the disk of its host. */
export interface ImageStore {
  pool: string
  volume: string
  /** Bytes of the pool. */
  size: number
  /** Bytes of the volume. @default as many as the pool has */
  quota?: number
}

/** State shared by the handlers of one server. */
export interface ServerContext extends Records {
  readonly dialect: Dialect
  readonly wait: WaitDialect
  readonly serverName: string
  readonly store: Store
  readonly operations: Operations
  readonly events: EventHub
  /** The instances that still exist, in their current state. */
  readonly instances: SeededInstance[]
  readonly trustPassword: string | undefined
  readonly imageStore: ImageStore | undefined
  /** PEM of further authorities that registries of OCI images may be signed by. */
  readonly authorities: string | undefined
  /** How long LXD's broken alias calls take, in milliseconds (T9). */
  readonly aliasDelay: number
  identity: Identity
  /** Running downloads by fingerprint; each promise resolves when its download ends. */
  readonly downloads: Map<string, Promise<void>>
  /** Resolves when the last publish that was started has ended: only one runs at a time. */
  publishing: Promise<void>
  /** `host:port` of the https listeners. */
  readonly addresses: Set<string>
  /** The cluster of the server, and the member that it is. */
  readonly cluster?: Cluster
  readonly member?: Member
}

/** One request, as its handler sees it. */
export interface Call {
  readonly server: ServerContext
  readonly request: Request
  /** Decoded captures of the route. */
  readonly params: readonly string[]
  readonly query: URLSearchParams
  readonly peer: Peer
  /** The value of `?project=`, or `default`. */
  readonly project: string
  /** The peer has rights, but none in this project: it is treated as untrusted here. */
  readonly isForeign?: boolean
}

export type Handler = (call: Call) => Response | Promise<Response>
