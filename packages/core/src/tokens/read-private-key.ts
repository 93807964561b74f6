import { ArgumentError } from '../errors/errors.ts'
import { bytesOfHex, writeDer } from './der.ts'
import { type PemBlock, readPem } from './read-pem.ts'
import type { SigningMethod } from './signing-methods.ts'

/**
 * Reads the private key of a PEM text for a signing method: PKCS #8, or the older forms of EC (which `incus` and `lxc` keep as
 * `client.key`) and RSA.
 *
 * @throws ArgumentError
 */
export async function readPrivateKey(pem: string, method: SigningMethod): Promise<CryptoKey> {
  const blocks = readPem(pem)
  const encrypted = blocks.some(
    ({ label, headers }) => label.startsWith('ENCRYPTED') || headers.includes('ENCRYPTED'),
  )
  if (encrypted) {
    throw refusal(
      'it is encrypted; decrypt a copy with "openssl pkey -in client.key -out FILE" and give that',
    )
  }
  if (blocks.some(({ label }) => label.startsWith('OPENSSH'))) {
    throw refusal('it is in the format of OpenSSH; convert a copy with "ssh-keygen -p -m PKCS8 -f COPY"')
  }
  const block = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'))
  if (block === undefined) {
    throw refusal('it is not PEM text with a PRIVATE KEY block; give the text of "client.key"')
  }
  return crypto.subtle
    .importKey('pkcs8', toPkcs8(block, method), method.importAs, false, ['sign'])
    .catch((cause: unknown) => {
      throw refusal('it is not the kind of key that the certificate has, or it is damaged', cause)
    })
}

/** WebCrypto reads PKCS #8 only, so an older key is wrapped with a version and its algorithm (RFC 5958). */
function toPkcs8({ label, der }: PemBlock, { identifier }: SigningMethod): Uint8Array<ArrayBuffer> {
  if (label === 'PRIVATE KEY') return der
  return writeDer(0x30, bytesOfHex('020100'), identifier, writeDer(0x04, der))
}

function refusal(reason: string, cause?: unknown): ArgumentError {
  return new ArgumentError('key', `Cannot mint a token with "key": ${reason}`, { cause })
}
