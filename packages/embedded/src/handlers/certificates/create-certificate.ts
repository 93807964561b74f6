import { X509Certificate } from 'node:crypto'
import { writePem } from '@hyperkit/core/parts'
import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { refusal } from '../../dialect/fill.ts'
import { fingerprintOfCertificate } from '../../trust/fingerprint-of-certificate.ts'
import { mayAdminister } from '../../trust/rights.ts'
import { isNameTaken } from '../auth/check-identity.ts'
import { type CertificateRequest, readCertificateRequest } from './certificate-request.ts'
import { createTrustToken } from './create-trust-token.ts'
import { useTrustToken } from './use-trust-token.ts'

/** `POST /1.0/certificates`: an administrator adds one or creates a token; an untrusted client adds its own with a token or password. */
export async function createCertificate(call: Call): Promise<Response> {
  const { server, peer } = call
  const { dialect } = server
  const request = await readCertificateRequest(call.request)
  if (request.password && dialect.passwordRefusal !== undefined) throw refusal(dialect.passwordRefusal)
  if (!peer.trusted) return addOwn(call, request)
  if (request.trust_token && dialect.trustedClientBurnsToken) {
    if (useTrustToken(server, request.trust_token) === undefined) throw new Failure(403, dialect.forbidden)
    throw refusal(dialect.alreadyTrusted)
  }
  if (!mayAdminister(peer)) throw new Failure(403, dialect.forbidden)
  if (request.token === true) return createTrustToken(call, request)
  if (!request.certificate) throw refusal(dialect.alreadyTrusted)
  if (request.type !== 'client') throw new Failure(400, 'Invalid certificate type')
  return add(call, request, derOf(request.certificate, dialect.acceptsPemCertificates))
}

/** An untrusted client presents a certificate in TLS, and a token or password. */
async function addOwn(call: Call, request: CertificateRequest): Promise<Response> {
  const { server, peer } = call
  const { dialect } = server
  const text = dialect.tokenFields.map((field) => request[field]).find(Boolean) ?? ''
  const granted = useTrustToken(server, text)
  if (granted === undefined && !matchesPassword(call, request)) throw new Failure(403, dialect.forbidden)
  // T47: at this point the token is used up.
  if (peer.certificate === undefined) throw new Failure(400, 'No client certificate provided')
  const wanted = granted ?? { ...request, restricted: false, projects: [] }
  if (dialect.certificateNameTaken !== undefined && isNameTaken(server, wanted.name ?? ''))
    throw refusal(dialect.certificateNameTaken)
  return add(call, wanted, peer.certificate.der)
}

function matchesPassword({ server }: Call, { password }: CertificateRequest): boolean {
  return (
    server.trustPassword !== undefined && server.trustPassword !== '' && password === server.trustPassword
  )
}

function derOf(text: string, acceptsPem: boolean): Uint8Array {
  const armour = /-----(?:BEGIN|END) CERTIFICATE-----|\s/g
  const base64 = acceptsPem && text.includes('-----BEGIN') ? text.replaceAll(armour, '') : text
  // Go counts the bytes up to the first that is not base64; PEM armour fails at once.
  const bad = /[^A-Za-z0-9+/=]/.exec(base64)
  if (bad !== null || base64.length % 4 !== 0) {
    throw new Failure(400, `illegal base64 data at input byte ${bad?.index ?? 0}`)
  }
  const der = Buffer.from(base64, 'base64')
  try {
    return new X509Certificate(der).raw
  } catch {
    throw new Failure(400, 'Invalid certificate material: x509: malformed certificate')
  }
}

async function add(
  { server, peer }: Call,
  request: CertificateRequest,
  der: Uint8Array | undefined,
): Promise<Response> {
  const fingerprint =
    der === undefined ? peer.certificate?.fingerprint : fingerprintOfCertificate(der).fingerprint
  if (fingerprint === undefined) throw new Failure(400, 'No client certificate provided')
  if (server.certificates.get(fingerprint) !== undefined) {
    throw new Failure(409, 'Certificate already in trust store')
  }
  await server.certificates.put({
    fingerprint,
    name: request.name ?? '',
    type: 'client',
    restricted: request.restricted ?? false,
    projects: request.projects ?? [],
    certificate: der === undefined ? '' : writePem(der),
  })
  return syncAnswer(null, { location: `/1.0/certificates/${fingerprint}` })
}
