import { Buffer } from 'node:buffer'
import { writeDer, writePem } from '@hyperkit/core/parts'
import {
  derBits,
  derBoolean,
  derExplicit,
  derInteger,
  derOctets,
  derOid,
  derSequence,
  derSet,
  derTime,
  derUtf8,
} from './der.ts'

/** Options of {@link createSelfSignedCertificate}. */
export interface SelfSignedCertificateOptions {
  commonName: string
  /** Host names that it is valid for, besides those of loopback. */
  hosts?: readonly string[]
  /** @default a minute ago, since the clocks of two machines differ */
  validFrom?: Date
  /** Days from now. @default 3650 */
  validFor?: number
}

/** A certificate with its key. */
export interface SelfSignedCertificate {
  /** PEM, PKCS #8. */
  key: string
  /** PEM. */
  certificate: string
  /** SHA-256 of the DER, 64 hex. */
  fingerprint: string
}

/**
 * Makes an EC P-384 key and a self-signed certificate for it, such as LXD and Incus make for servers and clients:
 * `CA:FALSE`, for both server and client authentication, valid for `localhost`, `127.0.0.1`, `::1` and the given hosts.
 *
 * @example
 * ```ts
 * const { certificate, key } = await createSelfSignedCertificate({ commonName: 'laptop' })
 * console.log(certificate.split('\n')[0], key.split('\n')[0])
 * ```
 */
export async function createSelfSignedCertificate(
  options: SelfSignedCertificateOptions,
): Promise<SelfSignedCertificate> {
  // Loaded when needed, since few programs make certificates, and an edge worker loads this package too.
  const [{ generateKeyPairSync, randomBytes, sign }, { fingerprintOfDer }] = await Promise.all([
    import('node:crypto'),
    import('./fingerprint-of-der.ts'),
  ])
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
  const algorithm = derSequence(derOid('1.2.840.10045.4.3.3'))
  const name = derSequence(derSet(derSequence(derOid('2.5.4.3'), derUtf8(options.commonName))))
  const now = Date.now()
  const body = derSequence(
    derExplicit(0, derInteger(Buffer.from([2]))),
    derInteger(randomBytes(16)),
    algorithm,
    name,
    derSequence(
      derTime(options.validFrom ?? new Date(now - 60_000)),
      derTime(new Date(now + (options.validFor ?? 3650) * 86_400_000)),
    ),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    derExplicit(3, derSequence(...extensions(options.hosts))),
  )
  const signature = sign('sha384', body, privateKey)
  const der = derSequence(body, algorithm, derBits(signature))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: writePem(der),
    fingerprint: fingerprintOfDer(der),
  }
}

function extensions(hosts: readonly string[] = []): Uint8Array[] {
  const loopback6 = Buffer.alloc(16)
  loopback6[15] = 1
  const names = derSequence(
    ...['localhost', ...hosts].map((host) => writeDer(0x82, Buffer.from(host))),
    writeDer(0x87, Buffer.from([127, 0, 0, 1])),
    writeDer(0x87, loopback6),
  )
  return [
    // digitalSignature + keyEncipherment, as in the daemons' own certificates.
    extension('2.5.29.15', derBits(Buffer.from([0xa0]), 5), true),
    extension('2.5.29.37', derSequence(derOid('1.3.6.1.5.5.7.3.1'), derOid('1.3.6.1.5.5.7.3.2')), false),
    extension('2.5.29.19', derSequence(), true),
    extension('2.5.29.17', names, false),
  ]
}

function extension(oid: string, value: Uint8Array, critical: boolean): Uint8Array {
  return derSequence(derOid(oid), ...(critical ? [derBoolean(true)] : []), derOctets(value))
}
