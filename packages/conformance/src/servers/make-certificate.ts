import { createHash, generateKeyPairSync, type KeyPairKeyObjectResult, randomBytes, sign } from 'node:crypto'
import { writeDer, writePem } from '@hyperkit/core/parts'
import type { CertificatePair } from './running-server.ts'

export interface MadeCertificate extends CertificatePair {
  /** SHA-256 of the DER, 64 hex. */
  fingerprint: string
  /** Base64 of the DER, for `POST /1.0/certificates`. */
  base64: string
}

export interface MakeCertificateOptions {
  /** The subject's common name. */
  name: string
  /** IPv4 addresses for which the certificate is valid as a server's. @default none */
  addresses?: string[]
  /** @default 'P-384' */
  kind?: KeyKind
  /** Start and end of its validity, in days from now. @default [-1, 3650] */
  days?: [from: number, to: number]
}

export type KeyKind = 'P-256' | 'P-384' | 'RSA'

/**
 * Makes a self-signed certificate: EC P-384 by default, like the client certificates of LXD and Incus. Tests need other
 * kinds of keys, times and addresses too, so this is not `createSelfSignedCertificate()` of connect.
 */
export function makeCertificate(options: MakeCertificateOptions): MadeCertificate {
  const { kind = 'P-384' } = options
  const { publicKey, privateKey } = makeKeys(kind)
  const { algorithm, hash } = signatures[kind]
  const subject = sequence(
    set(sequence(objectIdentifier('550403'), writeDer(0x0c, Buffer.from(options.name)))),
  )
  const now = Date.now()
  const [from, to] = options.days ?? [-1, 3650]
  const toBeSigned = sequence(
    writeDer(0xa0, writeDer(0x02, Buffer.from([2]))), // version 3
    writeDer(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])), // a positive serial number
    algorithm,
    subject,
    sequence(utcTime(now + from * 86_400_000), utcTime(now + to * 86_400_000)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    writeDer(0xa3, sequence(...extensions(options.addresses ?? []))),
  )
  const signature = sign(hash, toBeSigned, privateKey)
  const der = Buffer.from(
    sequence(toBeSigned, algorithm, writeDer(0x03, Buffer.concat([Buffer.from([0]), signature]))),
  )
  return {
    cert: writePem(der),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    fingerprint: createHash('sha256').update(der).digest('hex'),
    base64: der.toString('base64'),
  }
}

function makeKeys(kind: KeyKind): KeyPairKeyObjectResult {
  return kind === 'RSA'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: kind })
}

function extensions(addresses: string[]): Uint8Array[] {
  const usage = sequence(
    objectIdentifier('551d25'),
    writeDer(0x04, sequence(objectIdentifier('2b06010505070301'), objectIdentifier('2b06010505070302'))),
  )
  // An end-entity certificate; basicConstraints is critical by RFC 5280.
  const constraints = sequence(
    objectIdentifier('551d13'),
    writeDer(0x01, Buffer.from([0xff])),
    writeDer(0x04, sequence()),
  )
  if (addresses.length === 0) return [usage, constraints]
  const names = addresses.map((address) => writeDer(0x87, Buffer.from(address.split('.').map(Number))))
  return [usage, constraints, sequence(objectIdentifier('551d11'), writeDer(0x04, sequence(...names)))]
}

const sequence = (...parts: Uint8Array[]): Uint8Array => writeDer(0x30, ...parts)
const set = (...parts: Uint8Array[]): Uint8Array => writeDer(0x31, ...parts)
const objectIdentifier = (hex: string): Uint8Array => writeDer(0x06, Buffer.from(hex, 'hex'))

const signatures: Record<KeyKind, { algorithm: Uint8Array; hash: string }> = {
  'P-256': { algorithm: sequence(objectIdentifier('2a8648ce3d040302')), hash: 'sha256' },
  'P-384': { algorithm: sequence(objectIdentifier('2a8648ce3d040303')), hash: 'sha384' },
  RSA: {
    algorithm: sequence(objectIdentifier('2a864886f70d01010b'), writeDer(0x05, Buffer.alloc(0))),
    hash: 'sha256',
  },
}

function utcTime(milliseconds: number): Uint8Array {
  const digits = new Date(milliseconds).toISOString().replace(/\D/g, '')
  return writeDer(0x17, Buffer.from(`${digits.slice(2, 14)}Z`))
}
