/** The task of a child process. */
export interface Work {
  /** `hash` checks and hashes a file as a plan does, without a server. */
  kind: 'upload' | 'save' | 'hash'
  server: Server
  fingerprint: string
  /** Path of the file to upload or to save. */
  path: string
  /** Folder in which hashes are kept, for `hash`. */
  cache?: string | undefined
}

export interface Server {
  url: string
  serverCertificate: string
  clientCertificate: { cert: string; key: string }
}

/** The result of a child process. */
export interface WorkReport {
  /** VmHWM of the kernel. */
  peakBytes: number
  /** Sum of the announced lengths of request bodies. */
  sentBytes: number
  /** Milliseconds of the task itself, without the start of its process. */
  ownMilliseconds: number
}
