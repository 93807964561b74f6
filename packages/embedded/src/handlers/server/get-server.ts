import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { isLimited } from '../../trust/peer.ts'

export function listVersions(): Response {
  return syncAnswer(['/1.0'])
}

/** `GET /1.0`; untrusted peers see no environment, and limited ones no configuration. */
export function getServer({ server, peer, project }: Call): Response {
  const { dialect } = server
  const common = {
    api_extensions: peer.trusted || !dialect.hidesExtensions ? dialect.apiExtensions : null,
    api_status: 'stable',
    api_version: '1.0',
    auth: peer.trusted ? 'trusted' : 'untrusted',
    public: false,
    auth_methods: dialect.authMethods,
    ...(dialect.showsClientCertificate ? { client_certificate: peer.certificate !== undefined } : {}),
  }
  if (!peer.trusted) {
    const { untrustedConfig } = dialect
    return syncAnswer({ ...(untrustedConfig === undefined ? {} : { config: untrustedConfig }), ...common })
  }
  return syncAnswer({
    config: isLimited(peer) ? dialect.limitedConfig : configOf(server),
    ...common,
    ...(dialect.showsUser ? userOf(peer) : {}),
    environment: environmentOf(server, project),
  })
}

function userOf(peer: Call['peer']): Record<string, string> {
  return { auth_user_name: peer.requestor.username, auth_user_method: peer.requestor.protocol }
}

function configOf(server: Call['server']): Record<string, unknown> {
  const [address] = server.addresses
  return {
    ...(address === undefined ? {} : { 'core.https_address': address }),
    ...(server.imageStore === undefined
      ? {}
      : { 'storage.images_volume': `${server.imageStore.pool}/${server.imageStore.volume}` }),
    // The password itself is never shown.
    ...(server.trustPassword === undefined ? {} : { 'core.trust_password': true }),
  }
}

function environmentOf(server: Call['server'], project: string): Record<string, unknown> {
  return {
    addresses: [...server.addresses],
    architectures: ['x86_64', 'i686'],
    certificate: server.identity.certificate,
    certificate_fingerprint: server.identity.fingerprint,
    driver: 'lxc',
    driver_version: '5.0.2',
    kernel: 'Linux',
    kernel_architecture: 'x86_64',
    project,
    server: server.dialect.kind,
    server_clustered: server.cluster !== undefined,
    server_event_mode: 'full-mesh',
    server_name: server.serverName,
    server_pid: 1,
    server_version: server.dialect.serverVersion,
    ...(server.dialect.serverLts === undefined ? {} : { server_lts: server.dialect.serverLts }),
    storage: 'dir',
    storage_version: '1',
  }
}
