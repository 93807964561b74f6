import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import type { Client } from '@hyperkit/core'
import { onTestFinished } from 'vitest'
import { type OpenServer, openOver } from './open-server.ts'

/** The same server for somebody else, with files in the folder. */
export interface Guest {
  /** As {@link OpenServer} has it. */
  yaml: string
  /** Of the certificate that is shown. */
  fingerprint: string
}

/**
 * Somebody whom a server does not know, or whose certificate is restricted to projects; a server that stays forgets the certificate
 * when the test is over.
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

/** An entitlement on the server, or on a project. */
export type Granted = [entitlement: string, project?: string]

/** A fine-grained identity of LXD that may do what its group is granted, until the test is over. */
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

/** Somebody with a certificate of their own. */
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
