import { requestSocket } from './request-socket.ts'
import type { RunningServer } from './running-server.ts'
import type { OidcProvider } from './start-oidc-provider.ts'

/**
 * Has a server take the tokens that are made for it as this provider makes them.
 *
 * @param config `oidc.issuer`, and what is to differ
 */
export async function configureOidc(
  server: RunningServer,
  { clientId, audience }: OidcProvider,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  const oidc = { 'oidc.client.id': clientId, 'oidc.audience': audience, ...config }
  await requestSocket(server.socket, { method: 'PATCH', path: '/1.0', json: { config: oidc } })
}
