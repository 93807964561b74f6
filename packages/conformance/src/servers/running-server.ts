import type { DaemonDialect, ServerVersion } from './server-version.ts'

/** A certificate with its private key, both PEM. */
export interface CertificatePair {
  cert: string
  key: string
}

/** Everything that a client needs to reach a throw-away server; plain data, so that it can be passed to another process. */
export interface ServerDescription {
  dialect: DaemonDialect
  version: ServerVersion
  /** `https://127.0.0.1:PORT`, without a trailing slash. */
  url: string
  /** Path of the unix socket. Every process that may open it is an administrator of the server. */
  socket: string
  /** PEM; its names cover 127.0.0.1. */
  serverCertificate: string
  /** SHA-256 of the server certificate's DER, 64 hex. */
  serverFingerprint: string
  /** In the server's trust store. */
  clientCertificate: CertificatePair
  /** A valid certificate that the server does not trust. */
  untrustedCertificate: CertificatePair
  /** The folder that holds everything of this server; removed by `stop()`. */
  directory: string
  /** Process id of the daemon when the description was made. */
  pid: number
  /** `core.trust_password`, if there is such a key. */
  trustPassword?: string
}

/** A throw-away server that belongs to this process: it ends when the process ends, for whatever reason. */
export interface RunningServer extends ServerDescription {
  /** Ends the daemon and starts it again with the same folder and port; resolves when it answers. @default 'SIGTERM' */
  restart(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** Ends the daemon alone; resolves when its process is gone. @default 'SIGTERM' */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** Starts the daemon again after {@link kill}, with the same folder and port; resolves when it answers. */
  start(): Promise<void>
  /** The end of what the daemon printed and logged. */
  readLog(): Promise<string>
  /** Ends the daemon and its children, unmounts what they mounted, removes the folder. Safe to repeat. */
  stop(): Promise<void>
  /** The current description as plain data. */
  describe(): ServerDescription
}

export interface StartServerOptions {
  /** Parent of the server's new folder. Keep it short: a unix socket path has 107 bytes at most. @default the system's folder for temporary files */
  directory?: string
  /** Added to the daemon's environment, such as `SSL_CERT_FILE` (the CA store for `url` sources over https). */
  environment?: Record<string, string>
}

/** Thrown if this machine cannot run such a daemon. The message is one sentence that says what is missing. */
export class ServerAbsentError extends Error {
  override readonly name = 'ServerAbsentError'
  readonly server: DaemonDialect | ServerVersion

  constructor(server: DaemonDialect | ServerVersion, message: string) {
    super(message)
    this.server = server
  }
}
