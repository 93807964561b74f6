/** The certificate that a client presents, and its key: PEM texts. */
export interface ClientCertificate {
  cert: string
  key: string
  /** Names of the two in errors: the paths of their files. */
  names?: { cert: string; key: string }
}
