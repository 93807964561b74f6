import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { explainAbsence, type RunningServer, type ServerVersion, startServer } from '@hyperkit/conformance'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { type Client, createClient } from '@hyperkit/core'
import { createImageServer, type ImageServerOptions } from '@hyperkit/embedded'
import { openClient } from '@hyperkit/reconcile/parts'

/** A running server, its entry for a manifest, and the certificate files that the entry names. */
export interface OpenServer {
  /** `{ url: …, serverCertificate: …, clientCertificate: … }` */
  yaml: string
  url: string
  /** Path of the server's certificate. */
  certificateFile: string
  client: Client
  /** Opens the same server over a new connection. */
  connectAgain(): Promise<OpenServer>
  /** Makes an embedded server die and come back; missing for a real server. */
  restart?(): Promise<void>
  close(): Promise<void>
}

/** Starts an embedded server over https, with a client certificate that it trusts. */
export async function openEmbedded(folder: string, options: ImageServerOptions): Promise<OpenServer> {
  const server = createImageServer(options)
  const { certificate, key } = await createSelfSignedCertificate({ commonName: 'reconciler' })
  const admin = createClient({
    transport: {
      name: 'embedded',
      origin: 'http://embedded',
      fetch: (input, init) => server.fetch(new Request(input, init as RequestInit)),
    },
  })
  await admin.certificates.create('reconciler', { certificate })
  const listening = await server.listen({ https: {} })
  const opened = await openOver(folder, {
    url: listening.url,
    serverCertificate: listening.certificate,
    clientCertificate: { cert: certificate, key },
  })
  return {
    ...opened,
    restart: () => server.restart(),
    async close() {
      await opened.close()
      await server.close()
    },
  }
}

/** The parts of a real server's description that tests need. */
export interface Described {
  socket?: string
  url: string
  serverCertificate: string
  clientCertificate: { cert: string; key: string }
}

interface Listed extends Described {
  dialect: 'lxd' | 'incus'
  version: ServerVersion
}

/**
 * Finds a real server of this kind in the variable `HYPERKIT_SERVERS`, which contains the output of `tools/daemons.ts`.
 *
 * @param index 0 for the server to work on, 1 for the server to pull from
 */
export function describeReal(dialect: 'lxd' | 'incus', index = 0): Listed | undefined {
  const list = JSON.parse(process.env.HYPERKIT_SERVERS || '[]') as Listed[]
  return list.filter((server) => server.dialect === dialect)[index]
}

/**
 * Starts a daemon for one test, because other tests use the shared ones. It has the version of the shared one if that is installed.
 *
 * @returns undefined if there is no shared daemon of this kind
 */
export async function startLikeReal(dialect: 'lxd' | 'incus'): Promise<RunningServer | undefined> {
  const version = describeReal(dialect)?.version
  return version && startServer(explainAbsence(version) === undefined ? version : dialect)
}

export async function openOver(folder: string, described: Described): Promise<OpenServer> {
  const { url, serverCertificate, clientCertificate } = described
  const prefix = join(folder, randomUUID().slice(0, 8))
  const paths = { server: `${prefix}-server.crt`, client: `${prefix}.crt`, key: `${prefix}.key` }
  writeFileSync(paths.server, serverCertificate)
  writeFileSync(paths.client, clientCertificate.cert)
  writeFileSync(paths.key, clientCertificate.key)
  const client = await openClient({
    name: 'test',
    project: undefined,
    at: { line: 1, column: 1 },
    reach: {
      kind: 'url',
      url,
      serverCertificate: paths.server,
      clientCertificate: paths.client,
      clientKey: paths.key,
    },
  })
  return {
    yaml: `{ url: "${url}", serverCertificate: "${paths.server}", clientCertificate: "${paths.client}" }`,
    url,
    certificateFile: paths.server,
    client,
    connectAgain: () => openOver(folder, described),
    close: async () => client.close(),
  }
}
