import { ArgumentError } from '../errors/errors.ts'
import { hexOf, readDer } from './der.ts'
import { readPem } from './read-pem.ts'
import { type SigningMethod, signingMethods } from './signing-methods.ts'

export interface CertificateFacts {
  /** SHA-256 of the DER, 64 hex. */
  fingerprint: string
  method: SigningMethod
  publicKey: CryptoKey
}

/** The facts of a certificate that a token needs. @throws ArgumentError */
export async function readCertificate(pem: string): Promise<CertificateFacts> {
  const block = readPem(pem).find(({ label }) => label === 'CERTIFICATE')
  if (block === undefined) {
    throw refusal('it is not PEM text with a CERTIFICATE block; give the text of "client.crt"')
  }
  let spki: Uint8Array<ArrayBuffer>
  let identifier: string
  try {
    spki = publicKeyOf(block.der)
    identifier = hexOf(readDer(readDer(spki)[0]?.content ?? new Uint8Array())[0]?.whole ?? new Uint8Array())
  } catch (cause) {
    throw refusal('it cannot be read as an X.509 certificate', cause)
  }
  const method = signingMethods.find((one) => hexOf(one.identifier) === identifier)
  if (method === undefined) {
    throw refusal(
      'its key is neither EC P-256, EC P-384 nor RSA; make one of those, as "incus remote generate-certificate" does',
    )
  }
  const publicKey = await crypto.subtle
    .importKey('spki', spki, method.importAs, false, ['verify'])
    .catch((cause: unknown) => {
      throw refusal('its public key cannot be read', cause)
    })
  const digest = await crypto.subtle.digest('SHA-256', block.der)
  return { fingerprint: hexOf(new Uint8Array(digest)), method, publicKey }
}

/** The SubjectPublicKeyInfo (RFC 5280, 4.1): the seventh field of the signed part, or the sixth if there is no version. */
function publicKeyOf(certificate: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const [outer] = readDer(certificate)
  const [signed] = readDer(outer?.content ?? new Uint8Array())
  const fields = readDer(signed?.content ?? new Uint8Array())
  const spki = fields[fields[0]?.tag === 0xa0 ? 6 : 5]
  if (spki?.tag !== 0x30) throw new RangeError('no public key')
  return spki.whole
}

function refusal(reason: string, cause?: unknown): ArgumentError {
  return new ArgumentError('certificate', `Cannot mint a token with "certificate": ${reason}`, { cause })
}
