import { ArgumentError, ConflictError } from '../errors/errors.ts'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'

/**
 * Makes sure that a server has a reason to take this client's token or password, before it is sent: servers use a token up that
 * they refuse because no client certificate came with it (T47) or because they trust the client already (T63).
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
      `Cannot enrol at "${name}": the client shows no certificate; ${kept}; give "clientCertificate" to connect(), or to fetchTransport() as "identity" the one that its fetch shows`,
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
      `Cannot enrol at "${name}": no client certificate got there; ${kept}; look what stands between: a proxy that ends TLS shows a certificate of its own, or none`,
      { server: name },
    )
  }
}
