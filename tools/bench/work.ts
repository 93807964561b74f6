/** What a child process is told to do. */
export interface Work {
  kind: 'upload' | 'save'
  server: Server
  fingerprint: string
  /** Of the file to upload, or to save as. */
  path: string
}

export interface Server {
  url: string
  serverCertificate: string
  clientCertificate: { cert: string; key: string }
}

/** What it answers. */
export interface WorkReport {
  /** VmHWM of the kernel. */
  peakBytes: number
  /** Sum of the announced lengths of request bodies. */
  sentBytes: number
}
