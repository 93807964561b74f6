import { ArgumentError, ConflictError } from '../errors/errors.ts'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'

/**
 * Makes sure, before a token or password is sent, that the server can accept it. Servers use up a token even if they refuse it
 * because no client certificate came with it (T47) or because they trust the client already (T63).
 */
export async function checkNewcomer(
  connection: Connection,
  sent: 'token' | 'password',
  { signal }: CallOptions,
): Promise<void> {
  const { name, transport } = connection
  const kept = `the ${sent} was not sent${sent === 'token' ? ' and stays usable' : ''}`
  if (transport.identity?.kind === 'stranger') {
    throw new ArgumentError(
      'client',
      `Cannot enrol at "${name}": the client presents no certificate; ${kept}; give "clientCertificate" to connect(), or give fetchTransport() the certificate that its fetch presents, as "identity"`,
    )
  }
  const { trusted } = await connection.server({ signal, fresh: true })
  if (trusted) {
    throw new ConflictError(
      'already-exists',
      `Cannot enrol at "${name}": the server trusts this client already; ${kept}`,
      { server: name },
    )
  }
  const { caller } = await connection.caller({ signal })
  if (caller.certificateShown === false) {
    throw new HyperkitError(
      'not-authorized',
      `Cannot enrol at "${name}": no client certificate reached the server; ${kept}; look for a proxy in between that ends TLS: it presents its own certificate, or none`,
      { server: name },
    )
  }
}
