import { HyperkitError } from '@hyperkit/core'
import type { ClientCertificate } from '../certificates/client-certificate.ts'
import { readText } from '../disk/read-text.ts'
import type { ClientConfiguration, Remote } from './remote.ts'

export interface ClientIdentity {
  clientCertificate: ClientCertificate
  /** `client.ca`: the authority of a site that has its own (PKI mode). */
  certificateAuthority: string | undefined
}

/**
 * Reads the certificate that a client presents to a remote: that of the remote (`clientcerts/<remote>.crt`, Incus), else `client.crt`.
 *
 * @throws HyperkitError `invalid-configuration`
 */
export async function readClientCertificate(
  remote: Remote,
  { folder, client }: ClientConfiguration,
): Promise<ClientIdentity> {
  const own = await readTriple(`${folder}/clientcerts/${remote.name}`, remote)
  const shared = own ?? (await readTriple(`${folder}/client`, remote))
  if (shared !== undefined) return shared
  throw new HyperkitError(
    'invalid-configuration',
    `Cannot connect to "${remote.name}": there is no client certificate "${folder}/client.crt"; "${client} remote add" makes one`,
  )
}

async function readTriple(stem: string, remote: Remote): Promise<ClientIdentity | undefined> {
  const [cert, key, authority] = await Promise.all([
    readText(`${stem}.crt`),
    readText(`${stem}.key`),
    readText(`${stem}.ca`),
  ])
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined) {
    const [there, absent] = cert === undefined ? ['key', 'crt'] : ['crt', 'key']
    throw new HyperkitError(
      'invalid-configuration',
      `Cannot connect to "${remote.name}": "${stem}.${there}" exists, but "${stem}.${absent}" does not`,
    )
  }
  refuseUnusableKey(key, `${stem}.key`)
  const names = { cert: `${stem}.crt`, key: `${stem}.key` }
  return { clientCertificate: { cert, key, names }, certificateAuthority: authority }
}

function refuseUnusableKey(key: string, path: string): void {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type:.*ENCRYPTED/.test(key)) {
    throw new HyperkitError(
      'invalid-configuration',
      `Cannot use the key "${path}": it is encrypted; decrypt it with "openssl pkey -in ${path} -out FILE" and give that as "clientCertificate.key"`,
    )
  }
  if (key.includes('BEGIN OPENSSH PRIVATE KEY')) {
    throw new HyperkitError(
      'invalid-configuration',
      `Cannot use the key "${path}": it is in OpenSSH's format; convert a copy with "ssh-keygen -p -m PEM -f COPY" and give that as "clientCertificate.key"`,
    )
  }
}
