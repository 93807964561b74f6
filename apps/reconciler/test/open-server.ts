import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { explainAbsence, type RunningServer, type ServerVersion, startServer } from '@hyperkit/conformance'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { type Client, createClient } from '@hyperkit/core'
import { createImageServer, type ImageServerOptions } from '@hyperkit/embedded'
import { openClient } from '@hyperkit/reconcile/parts'

/** A server as a manifest names it, with the files that this takes in a folder. */
export interface OpenServer {
  /** `{ url: …, serverCertificate: …, clientCertificate: … }` */
  yaml: string
  url: string
  /** Path of its certificate. */
  certificateFile: string
  client: Client
  /** The same server over a connection of its own. */
  connectAgain(): Promise<OpenServer>
  /** An embedded one dies and comes back; missing for a real one. */
  restart?(): Promise<void>
  close(): Promise<void>
}

/** An embedded server over https, with a client certificate that it trusts. */
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

/** What of a real server a test must know. */
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
 * A real server of a kind in the environment's `HYPERKIT_SERVERS`, as `tools/daemons.ts` prints it.
 *
 * @param index 0: the one to work on; 1: the one to pull from
 */
export function describeReal(dialect: 'lxd' | 'incus', index = 0): Listed | undefined {
  const list = JSON.parse(process.env.HYPERKIT_SERVERS || '[]') as Listed[]
  return list.filter((server) => server.dialect === dialect)[index]
}

/**
 * A daemon of a test's own, because the shared ones have other guests; of the version of the shared one, where that is installed.
 *
 * @returns undefined where there is no shared one of the kind
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
