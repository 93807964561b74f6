import type { Client } from '@hyperkit/core'
import { type MadeCertificate, makeCertificate } from '../servers/make-certificate.ts'
import type { CaseContext } from './case-context.ts'

/** Somebody that the server has not met before. */
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

/** A newcomer whose certificate is restricted to projects. */
export async function meetRestricted(context: CaseContext, projects: string[]): Promise<Client> {
  const { client, unique } = context
  const name = unique('restricted')
  const { token } = await client.certificates.createToken(name, { projects })
  const { client: guest } = await meet(context)
  await guest.certificates.create(name, { token })
  return guest
}
