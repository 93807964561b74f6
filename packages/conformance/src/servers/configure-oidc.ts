import { requestSocket } from './request-socket.ts'
import type { RunningServer } from './running-server.ts'
import type { OidcProvider } from './start-oidc-provider.ts'

/**
 * Configures a server to accept the tokens of this provider.
 *
 * @param config `oidc.issuer`, and other keys to set
 */
export async function configureOidc(
  server: RunningServer,
  { clientId, audience }: OidcProvider,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  const oidc = { 'oidc.client.id': clientId, 'oidc.audience': audience, ...config }
  await requestSocket(server.socket, { method: 'PATCH', path: '/1.0', json: { config: oidc } })
}
