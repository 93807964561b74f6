import type { ServerInfo } from '../model/server-info.ts'
import { supports } from '../model/supports.ts'

/** Which tokens a server has that lacks those of another kind. */
export function otherTokens(server: ServerInfo): string {
  const certificate = 'tokens by which the certificate of a client is trusted'
  if (supports(server, 'access_management_tls'))
    return `it makes ${certificate}, wholly, for some projects, or as an identity in groups`
  const made = `it makes ${certificate}, wholly or for some projects`
  return supports(server, 'auth_tls_jwt')
    ? `${made}; bearer tokens are made of such a certificate, by its holder`
    : made
}
