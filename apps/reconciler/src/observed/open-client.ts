import { readFile } from 'node:fs/promises'
import { createTransport, type TransportOptions } from '@hyperkit/connect'
import { type Client, createClient, HyperkitError } from '@hyperkit/core'
import type { ManifestServer, Reach } from '../manifest/manifest.ts'

/** A client for a server of the manifest, in the project that the manifest names. */
export async function openClient({ reach, project }: ManifestServer): Promise<Client> {
  const client = await reachServer(reach)
  return project === undefined ? client : client.project(project)
}

async function reachServer(reach: Reach): Promise<Client> {
  const connect = async (options: TransportOptions): Promise<Client> =>
    createClient({ transport: await createTransport(options) })
  if (reach.kind === 'remote')
    throw new HyperkitError('unsupported', `Cannot connect to remote "${reach.remote}": not done yet`)
  if (reach.kind === 'socket') return connect({ socket: reach.socket })
  const { url } = reach
  const serverCertificate = await readPem(reach.serverCertificate)
  const cert = await readPem(reach.clientCertificate)
  const key = await readPem(reach.clientKey)
  return connect({
    url,
    ...(serverCertificate === undefined ? {} : { serverCertificate }),
    ...(cert === undefined || key === undefined ? {} : { clientCertificate: { cert, key } }),
  })
}

async function readPem(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  return readFile(path, 'utf8').catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HyperkitError('file-unreadable', `Cannot read certificate or key "${path}": ${reason}`, {
      cause,
    })
  })
}
