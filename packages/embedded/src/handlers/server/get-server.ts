import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../server/context.ts'

export function listVersions(): Response {
  return syncAnswer(['/1.0'])
}

/** `GET /1.0`; untrusted peers see no environment. */
export function getServer({ server, peer, project }: Call): Response {
  const { dialect } = server
  const common = {
    api_extensions: dialect.apiExtensions,
    api_status: 'stable',
    api_version: '1.0',
    auth: peer.trusted ? 'trusted' : 'untrusted',
    public: false,
    auth_methods: ['tls'],
  }
  if (!peer.trusted) return syncAnswer({ ...dialect.untrustedServer, ...common })
  const user = dialect.showsUser ? userOf(peer) : {}
  return syncAnswer({
    // What restricted certificates are shown instead differs: LXD has null there.
    config: peer.projects === undefined ? configOf(server) : (dialect.untrustedServer.config ?? null),
    ...common,
    ...user,
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
    server_clustered: false,
    server_event_mode: 'full-mesh',
    server_name: server.serverName,
    server_pid: 1,
    server_version: server.dialect.serverVersion,
    storage: 'dir',
    storage_version: '1',
  }
}
