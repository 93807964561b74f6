/** The certificate that a client shows, and its key: PEM texts. */
export interface ClientCertificate {
  cert: string
  key: string
  /** How errors name the two: paths of their files. */
  names?: { cert: string; key: string }
}
