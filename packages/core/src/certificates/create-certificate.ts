import { ArgumentError, ServerError, UnsupportedError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { supports } from '../model/supports.ts'
import { checkNewcomer } from './check-newcomer.ts'
import { isIdentityToken } from './is-identity-token.ts'

/** How a server comes to trust a certificate: by a token, by a password, or because an administrator adds the certificate. */
export interface CreateCertificateOptions extends CallOptions {
  /** A token of {@link createToken}: makes the server trust the certificate of this connection. */
  token?: string | undefined
  /** The trust password of an LXD server: makes it trust the certificate of this connection. */
  password?: string | undefined
  /** PEM, from an administrator. @default the certificate of this connection */
  certificate?: string | undefined
  /** Only for these projects. */
  projects?: readonly string[] | undefined
}

/**
 * Makes a server trust a client certificate.
 *
 * The field for a token differs: LXD before `explicit_trust_token` expects it as the password, and answers "not authorized" to the
 * other field.
 */
export async function createCertificate(
  connection: Connection,
  name: string,
  options: CreateCertificateOptions,
): Promise<void> {
  const { token, password, certificate, projects, ...call } = options
  if (token !== undefined && password !== undefined) {
    throw new ArgumentError('token', 'Cannot enrol with a token and a password at once: give one of them')
  }
  if (token !== undefined) await checkNewcomer(connection, 'token', call)
  else if (password !== undefined) await checkNewcomer(connection, 'password', call)
  const server = await connection.server(call)
  if (password !== undefined && (!server.dialect.trustPassword || supports(server, 'auth_bearer'))) {
    throw noPassword(connection, server.dialect.kind)
  }
  if (token !== undefined && isIdentityToken(token))
    return useIdentityToken(connection, name, token.trim(), call)
  const tokenField = supports(server, 'explicit_trust_token') ? 'trust_token' : server.dialect.trustTokenField
  const sent = connection.ask({
    method: 'POST',
    path: '/1.0/certificates',
    json: {
      type: 'client',
      name,
      ...(token === undefined ? {} : { [tokenField]: token }),
      ...(password === undefined ? {} : { password }),
      ...(certificate === undefined ? {} : { certificate: certificate.replace(/-----[^-]+-----|\s/g, '') }),
      ...(projects === undefined ? {} : { restricted: true, projects }),
    },
    action: `trust certificate "${name}"`,
    ...call,
  })
  await sent.catch((error: unknown) => {
    // LXD 6.2 and newer; no extension marks them.
    if (password !== undefined && isHyperkitError(error, 'not-implemented'))
      throw noPassword(connection, server.dialect.kind, error)
    throw token === undefined ? error : explainTaken(error)
  })
  // A server tells trusted clients more about itself.
  if (certificate === undefined) connection.forgetServer()
}

/** Servers accept no other fields with this token: the identity already has its name and its groups. */
async function useIdentityToken(
  connection: Connection,
  name: string,
  token: string,
  call: CallOptions,
): Promise<void> {
  await connection.ask({
    method: 'POST',
    path: '/1.0/auth/identities/tls',
    json: { trust_token: token },
    action: `become the identity "${name}"`,
    ...call,
  })
  connection.forgetServer()
}

function noPassword(connection: Connection, kind: 'lxd' | 'incus', cause?: unknown): UnsupportedError {
  const [what, tool] = kind === 'lxd' ? ['this LXD accepts', 'lxc'] : ['Incus has', 'incus']
  return new UnsupportedError(
    `Cannot enrol at "${connection.name}" with a password: ${what} no trust passwords; ask for a token (${tool} config trust add)`,
    { server: connection.name, cause },
  )
}

/** LXD 5.21 and newer use up a token that they refuse in this way (T63). */
function explainTaken(error: unknown): unknown {
  if (!(error instanceof ServerError) || error.code !== 'already-exists') return error
  const { message, status, errorCode, serverMessage, request, server } = error
  return new ServerError(
    'already-exists',
    `${message}; the name in the token is taken, or the server trusts this client already, and the token is used up: ask for one with another name`,
    { server, status, errorCode, serverMessage, request, cause: error },
  )
}
