import type { PreparedInstance } from '../servers/prepare-instance.ts'
import type { CertificatePair } from '../servers/running-server.ts'
import type { DaemonDialect, ServerVersion } from '../servers/server-version.ts'
import type { Need } from './need.ts'

/** `embedded` and a version, or that of a real server. */
export type TargetName = ServerVersion | `embedded ${ServerVersion}`

/** How to reach one server, as plain data. */
export interface ServerAccess {
  dialect: DaemonDialect
  version: ServerVersion
  url: string
  socket: string
  serverCertificate: string
  serverFingerprint: string
  clientCertificate: CertificatePair
  untrustedCertificate: CertificatePair
  trustPassword?: string
}

/** A server that belongs to one case. */
export interface OwnServer extends ServerAccess {
  /** Ends it and starts it again on the same data and port. @default 'SIGTERM' */
  restart(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>
  stop(): Promise<void>
  /** Made at the first call; a case calls it once. */
  instance(): Promise<PreparedInstance>
}

/** What the cases run against. */
export interface Target {
  name: TargetName
  dialect: DaemonDialect
  version: ServerVersion
  kind: 'real' | 'embedded'
  server: ServerAccess
  source: ServerAccess | undefined
  /** One of the other kind; found or started at the first call. */
  other(): Promise<ServerAccess>
  /** Why a need is not met, in a sentence. */
  lacks: Partial<Record<Need, string>>
  /** Made at the first call. */
  instance(): Promise<PreparedInstance>
  startOwn(): Promise<OwnServer>
  close(): Promise<void>
}
