import { bytesOfHex } from './der.ts'

/** How a kind of key signs a token, by the names of JWT (RFC 7518), WebCrypto and ASN.1. */
export interface SigningMethod {
  name: 'ES256' | 'ES384' | 'RS256'
  importAs: EcKeyImportParams | RsaHashedImportParams
  signAs: AlgorithmIdentifier | EcdsaParams
  /** The AlgorithmIdentifier of such a key, DER. */
  identifier: Uint8Array<ArrayBuffer>
}

// Incus 6.0.4 accepts these, as tested; the description of 'auth_tls_jwt' has no list.
export const signingMethods: readonly SigningMethod[] = [
  {
    name: 'ES256',
    importAs: { name: 'ECDSA', namedCurve: 'P-256' },
    signAs: { name: 'ECDSA', hash: 'SHA-256' },
    identifier: bytesOfHex('301306072a8648ce3d020106082a8648ce3d030107'),
  },
  {
    name: 'ES384',
    importAs: { name: 'ECDSA', namedCurve: 'P-384' },
    signAs: { name: 'ECDSA', hash: 'SHA-384' },
    identifier: bytesOfHex('301006072a8648ce3d020106052b81040022'),
  },
  {
    name: 'RS256',
    importAs: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    signAs: { name: 'RSASSA-PKCS1-v1_5' },
    identifier: bytesOfHex('300d06092a864886f70d0101010500'),
  },
]
