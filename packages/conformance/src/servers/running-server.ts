import type { DaemonDialect, ServerVersion } from './server-version.ts'

/** A certificate with its private key, both PEM. */
export interface CertificatePair {
  cert: string
  key: string
}

/** All that a client needs to reach a throw-away server; plain data, so that it can go to another process. */
export interface ServerDescription {
  dialect: DaemonDialect
  version: ServerVersion
  /** `https://127.0.0.1:PORT`, without a trailing slash. */
  url: string
  /** Path of the unix socket. Whoever may open it is the server's administrator. */
  socket: string
  /** PEM; its names cover 127.0.0.1. */
  serverCertificate: string
  /** SHA-256 of the server certificate's DER, 64 hex. */
  serverFingerprint: string
  /** In the server's trust store. */
  clientCertificate: CertificatePair
  /** Well-formed, and unknown to the server: what it shows to such a client is the public view. */
  untrustedCertificate: CertificatePair
  /** The folder that holds everything of this server; removed by `stop()`. */
  directory: string
  /** Process id of the daemon when the description was made. */
  pid: number
  /** `core.trust_password`, where there is such a key. */
  trustPassword?: string
}

/** A throw-away server that belongs to this process: it goes when the process goes, whatever the reason. */
export interface RunningServer extends ServerDescription {
  /** Ends the daemon and starts it again on the same folder and port; resolves when it answers. @default 'SIGTERM' */
  restart(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** Ends the daemon and its children, unmounts what they mounted, removes the folder. Safe to repeat. */
  stop(): Promise<void>
  /** The plain data, as of now. */
  describe(): ServerDescription
}

export interface StartServerOptions {
  /** Parent of the fresh folder. Keep it short: a unix socket path has 107 bytes at most. @default the system's folder for temporary files */
  directory?: string
  /** Added to the daemon's environment, `SSL_CERT_FILE` for instance (the CA store for `url` sources over https). */
  environment?: Record<string, string>
}

/** This machine cannot run such a daemon. The message is one sentence that says what is missing. */
export class ServerAbsentError extends Error {
  override readonly name = 'ServerAbsentError'
  readonly server: DaemonDialect | ServerVersion

  constructor(server: DaemonDialect | ServerVersion, message: string) {
    super(message)
    this.server = server
  }
}
