import type { PreparedInstance } from '../servers/prepare-instance.ts'
import type { CertificatePair } from '../servers/running-server.ts'
import type { DaemonDialect, ServerVersion } from '../servers/server-version.ts'
import type { Need } from './need.ts'

/** `embedded` and a version, or the version of a real server. */
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

/** A server only for one case. */
export interface OwnServer extends ServerAccess {
  /** Ends the server and starts it again with the same data and port. @default 'SIGTERM' */
  restart(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>
  stop(): Promise<void>
  /** Created by the first call; a case calls it once. */
  instance(): Promise<PreparedInstance>
}

/** The servers on which the cases run. */
export interface Target {
  name: TargetName
  dialect: DaemonDialect
  version: ServerVersion
  kind: 'real' | 'embedded'
  server: ServerAccess
  source: ServerAccess | undefined
  /** A server of the other kind; found or started by the first call. */
  other(): Promise<ServerAccess>
  /** A sentence for each need that the target does not meet. */
  lacks: Partial<Record<Need, string>>
  /** Created by the first call. */
  instance(): Promise<PreparedInstance>
  startOwn(): Promise<OwnServer>
  close(): Promise<void>
}
