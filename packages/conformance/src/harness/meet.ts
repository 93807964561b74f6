import type { Client } from '@hyperkit/core'
import { type MadeCertificate, makeCertificate } from '../servers/make-certificate.ts'
import type { CaseContext } from './case-context.ts'

/** A client that is new to the server. */
export async function meet({
  client,
  connect,
  cleanup,
  unique,
}: CaseContext): Promise<{ certificate: MadeCertificate; client: Client }> {
  const certificate = makeCertificate({ name: unique('somebody') })
  cleanup(async () => {
    const trusted = await client.certificates.list()
    if (trusted.some(({ fingerprint }) => fingerprint === certificate.fingerprint))
      await client.certificates.delete(certificate.fingerprint)
  })
  return { certificate, client: await connect({ certificate }) }
}

/** A new client whose certificate is restricted to projects. */
export async function meetRestricted(context: CaseContext, projects: string[]): Promise<Client> {
  return (await enrolRestricted(context, projects)).client
}

/** The same, with its certificate. */
export async function enrolRestricted(
  context: CaseContext,
  projects: string[],
): Promise<{ certificate: MadeCertificate; client: Client }> {
  const { client, unique } = context
  const name = unique('restricted')
  const { token } = await client.certificates.createToken(name, { projects })
  const guest = await meet(context)
  await guest.client.certificates.create(name, { token })
  return guest
}

/** A permission of an identity: an entitlement on the server, a project or an image. */
export interface Granted {
  entitlement: string
  /** Name of the project; the permission is on the server if it is left out. */
  project?: string
}

/** A new client with a fine-grained identity, in its own group; needs `fine-grained`. */
export async function meetIdentity(context: CaseContext, granted: readonly Granted[]): Promise<Client> {
  const { client, connect, cleanup, unique } = context
  const [group, name] = [unique('group'), unique('identity')]
  const permissions = granted.map(({ entitlement, project }) => ({
    entity_type: project === undefined ? 'server' : 'project',
    url: project === undefined ? '/1.0' : `/1.0/projects/${project}`,
    entitlement,
  }))
  const auth = (method: 'POST' | 'DELETE', path: string, json?: unknown) =>
    client.request({ method, path: `/1.0/auth/${path}`, ...(json === undefined ? {} : { json }) })
  await auth('POST', 'groups', { name: group, permissions })
  cleanup(() => auth('DELETE', `groups/${group}`))
  const certificate = makeCertificate({ name })
  await auth('POST', 'identities/tls', { name, certificate: certificate.cert, groups: [group] })
  cleanup(() => auth('DELETE', `identities/tls/${name}`))
  return connect({ certificate })
}
