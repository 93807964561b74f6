/** The task of a child process. */
export interface Work {
  /** `hash` checks and hashes a file as a plan does, without a server; `copy` relays the image to `target`. */
  kind: 'upload' | 'save' | 'hash' | 'copy'
  server: Server
  /** The server that a copy goes to. */
  target?: Server | undefined
  fingerprint: string
  /** Path of the file to upload or to save; if there are several, that many saves run at once. */
  paths: readonly string[]
  /** Folder in which hashes are kept, for `hash`. */
  cache?: string | undefined
}

/** A server, and how it is reached: over its unix socket if there is one. */
export interface Server {
  url: string
  serverCertificate: string
  clientCertificate: { cert: string; key: string }
  socket?: string | undefined
}

/** The result of a child process. */
export interface WorkReport {
  /** VmHWM of the kernel. */
  peakBytes: number
  /** Sum of the announced lengths of request bodies. */
  sentBytes: number
  /** Milliseconds of the task itself, without the start of its process. */
  ownMilliseconds: number
  /** Milliseconds of processor time, of the whole process. */
  cpuMilliseconds: number
}
