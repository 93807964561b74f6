import type { ClusterName } from '../servers/explain-absence.ts'
import type { PreparedInstance } from '../servers/prepare-instance.ts'
import type { CertificatePair } from '../servers/running-server.ts'
import type { DaemonDialect, ServerVersion } from '../servers/server-version.ts'
import type { Need } from './need.ts'

/** The version of a real server, the cluster of a version, or `embedded` and one of these. */
export type TargetName = ServerName | `embedded ${ServerName}`

type ServerName = ServerVersion | ClusterName

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

/** A member of a cluster, which a case may kill if it starts it again. */
export interface ClusterMember extends ServerAccess {
  name: string
  kill(signal: 'SIGKILL'): Promise<void>
  start(): Promise<void>
}

/** The servers on which the cases run. */
export interface Target {
  name: TargetName
  dialect: DaemonDialect
  version: ServerVersion
  kind: 'real' | 'embedded'
  server: ServerAccess
  source: ServerAccess | undefined
  /** The members of a cluster, of which `server` is one. */
  members?: readonly ClusterMember[]
  /** A server of the other kind; found or started by the first call. */
  other(): Promise<ServerAccess>
  /** A sentence for each need that the target does not meet. */
  lacks: Partial<Record<Need, string>>
  /** Created by the first call. */
  instance(): Promise<PreparedInstance>
  startOwn(): Promise<OwnServer>
  close(): Promise<void>
}
