import type { ServerInfo } from '../model/server-info.ts'
import { supports } from '../model/supports.ts'

/** Which other tokens a server issues, for an error that one kind is not supported. */
export function otherTokens(server: ServerInfo): string {
  const certificate = 'tokens that make the certificate of a client trusted'
  if (supports(server, 'access_management_tls'))
    return `it issues ${certificate}, for everything, for some projects, or as an identity in groups`
  const made = `it issues ${certificate}, for everything or for some projects`
  return supports(server, 'auth_tls_jwt')
    ? `${made}; the holder of such a certificate can mint bearer tokens from it`
    : made
}
