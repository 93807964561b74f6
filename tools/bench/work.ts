/** The task of a child process. */
export interface Work {
  kind: 'upload' | 'save'
  server: Server
  fingerprint: string
  /** Path of the file to upload or to save. */
  path: string
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
}
