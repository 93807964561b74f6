import type { Dialect, WaitDialect } from '../dialect/dialect.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { Operations } from '../operations/operations.ts'
import type { Records } from '../records/records.ts'
import type { SeededInstance } from '../records/seeded-instance.ts'
import type { Store } from '../store/store.ts'
import type { Identity } from '../trust/identity.ts'
import type { Peer } from '../trust/peer.ts'

/** What the handlers of one server share. */
export interface ServerContext extends Records {
  readonly dialect: Dialect
  readonly wait: WaitDialect
  readonly serverName: string
  readonly store: Store
  readonly operations: Operations
  readonly events: EventHub
  /** Those that are there still, as they are now. */
  readonly instances: SeededInstance[]
  readonly trustPassword: string | undefined
  /** Milliseconds that LXD's broken alias calls take (T9). */
  readonly aliasDelay: number
  identity: Identity
  /** Downloads that are under way, by fingerprint; each resolves at its end. */
  readonly downloads: Map<string, Promise<void>>
  /** The end of the last publication that was begun: one runs at a time. */
  publishing: Promise<void>
  /** `host:port` of the https listeners. */
  readonly addresses: Set<string>
}

/** One request on its way through a handler. */
export interface Call {
  readonly server: ServerContext
  readonly request: Request
  /** Decoded captures of the route. */
  readonly params: readonly string[]
  readonly query: URLSearchParams
  readonly peer: Peer
  /** As asked with `?project=`; `default` where nothing was asked. */
  readonly project: string
  /** The peer has rights, but not in this project: it is a stranger here. */
  readonly isForeign?: boolean
}

export type Handler = (call: Call) => Response | Promise<Response>
