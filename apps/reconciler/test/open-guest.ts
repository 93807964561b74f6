import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import type { Client } from '@hyperkit/core'
import { onTestFinished } from 'vitest'
import { type OpenServer, openOver } from './open-server.ts'

/** A server as a client with fewer rights reaches it; its certificate files are in the test's folder. */
export interface Guest {
  /** The entry for `servers` of a manifest, as in {@link OpenServer}. */
  yaml: string
  /** The fingerprint of the client certificate. */
  fingerprint: string
}

/**
 * Makes a client that the server does not know, or whose certificate is restricted to projects. The certificate is removed from
 * the server when the test is over.
 */
export async function openGuest(folder: string, server: OpenServer, projects?: string[]): Promise<Guest> {
  const { name, client, ...guest } = await meet(folder, server)
  if (projects !== undefined) {
    const { certificates } = server.client
    const { token } = await certificates.createToken(name, { projects })
    await client.certificates.create(name, { token })
    onTestFinished(() => certificates.delete(guest.fingerprint))
  }
  return guest
}

/** An entitlement on a project, or without a project on the server. */
export type Granted = [entitlement: string, project?: string]

/** Makes a fine-grained identity of LXD with these entitlements, which is removed when the test is over. */
export async function openIdentity(folder: string, server: OpenServer, granted: Granted[]): Promise<Guest> {
  const { name, client: _, certificate, ...guest } = await meet(folder, server)
  const permissions = granted.map(([entitlement, project]) =>
    project === undefined
      ? { entity_type: 'server', url: '/1.0', entitlement }
      : { entity_type: 'project', url: `/1.0/projects/${project}`, entitlement },
  )
  const auth = async (method: 'POST' | 'DELETE', path: string, json?: object): Promise<void> => {
    await server.client.request({
      method,
      path: `/1.0/auth/${path}`,
      ...(json === undefined ? {} : { json }),
    })
  }
  await auth('POST', 'groups', { name, permissions })
  await auth('POST', 'identities/tls', { name, certificate, groups: [name] })
  onTestFinished(async () => {
    await auth('DELETE', `identities/tls/${name}`)
    await auth('DELETE', `groups/${name}`)
  })
  return guest
}

/** Makes a client with a new certificate. */
async function meet(
  folder: string,
  { url, certificateFile }: OpenServer,
): Promise<Guest & { name: string; certificate: string; client: Client }> {
  const name = `guest-${randomUUID().slice(0, 8)}`
  const { certificate, key, fingerprint } = await createSelfSignedCertificate({ commonName: name })
  const { yaml, client, close } = await openOver(folder, {
    url,
    serverCertificate: readFileSync(certificateFile, 'utf8'),
    clientCertificate: { cert: certificate, key },
  })
  onTestFinished(close)
  return { name, yaml, fingerprint, certificate, client }
}
