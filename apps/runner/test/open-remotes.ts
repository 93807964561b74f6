import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DaemonDialect, readServers, type ServerVersion } from '@hyperkit/conformance'
import { connect, createSelfSignedCertificate } from '@hyperkit/connect'
import { type Client, createClient } from '@hyperkit/core'
import { createImageServer, type ImageServerOptions } from '@hyperkit/embedded'

/** The address of a server, and a client certificate that it trusts. */
export interface Described {
  url: string
  serverCertificate: string
  clientCertificate: { cert: string; key: string }
}

/** A server on this machine. */
export interface DescribedHere extends Described {
  /** Path of the unix socket. */
  socket: string
}

export interface OpenServer extends Described {
  close(): Promise<void>
}

/** Starts an embedded server over https that trusts the given client certificate, or a new one. */
export async function openEmbedded(
  options: ImageServerOptions,
  clientCertificate?: Described['clientCertificate'],
): Promise<OpenServer> {
  const server = createImageServer(options)
  const fresh = await createSelfSignedCertificate({ commonName: 'runner' })
  const identity = clientCertificate ?? { cert: fresh.certificate, key: fresh.key }
  const admin = createClient({
    transport: {
      name: 'embedded',
      origin: 'http://embedded',
      fetch: (input, init) => server.fetch(new Request(input, init as RequestInit)),
    },
  })
  await admin.certificates.create('runner', { certificate: identity.cert })
  const { url, certificate } = await server.listen({ https: {} })
  return {
    url,
    serverCertificate: certificate ?? '',
    clientCertificate: identity,
    close: () => server.close(),
  }
}

/** Finds a real server by its kind or version in the variable `HYPERKIT_SERVERS`, which contains the output of `tools/daemons.ts`. */
export function describeReal(name: DaemonDialect | ServerVersion, place = 0): DescribedHere | undefined {
  return readServers().filter((server) => server.dialect === name || server.version === name)[place]
}

/** A configuration of `incus` in a folder of the test. */
export interface Remotes {
  /** Variables for the environment of a command. */
  environment: Record<string, string>
  /** Connects to one of the remotes. */
  client(remote: string): Promise<Client>
}

/**
 * Writes a configuration of `incus` with these remotes.
 *
 * @param servers by the name of the remote; the first one is the default remote
 * @param streams simplestreams servers by the name of the remote
 */
export function writeRemotes(
  folder: string,
  servers: Readonly<Record<string, Described>>,
  streams: Readonly<Record<string, Pick<Described, 'url' | 'serverCertificate'>>> = {},
): Remotes {
  const own = join(folder, 'incus')
  for (const name of ['servercerts', 'clientcerts']) mkdirSync(join(own, name), { recursive: true })
  const entries = Object.entries(servers)
  const lines = entries.map(
    ([name, { url }]) => `  ${name}: { addr: "${url}", auth_type: tls, protocol: incus, public: false }`,
  )
  for (const [name, { url }] of Object.entries(streams))
    lines.push(`  ${name}: { addr: "${url}", protocol: simplestreams, public: true }`)
  writeFileSync(
    join(own, 'config.yml'),
    `default-remote: ${entries[0]?.[0]}\nremotes:\n${lines.join('\n')}\n`,
  )
  for (const [name, { clientCertificate }] of entries) {
    writeFileSync(join(own, 'clientcerts', `${name}.crt`), clientCertificate.cert)
    writeFileSync(join(own, 'clientcerts', `${name}.key`), clientCertificate.key)
  }
  for (const [name, { serverCertificate }] of [...entries, ...Object.entries(streams)])
    writeFileSync(join(own, 'servercerts', `${name}.crt`), serverCertificate)
  const environment = {
    HOME: folder,
    INCUS_CONF: own,
    LXD_CONF: join(folder, 'lxc'),
    INCUS_GLOBAL_CONF: join(folder, 'none'),
    LXD_GLOBAL_CONF: join(folder, 'none'),
  }
  return { environment, client: (remote) => connect({ remote, environment, home: folder }) }
}
