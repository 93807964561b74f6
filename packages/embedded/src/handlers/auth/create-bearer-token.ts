import { randomBytes } from 'node:crypto'
import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { readJson } from '../../call/read-json.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { signBearerToken } from '../../trust/bearer-token.ts'
import { mayAdminister } from '../../trust/rights.ts'
import { findIdentity } from './find-identity.ts'

/** `POST /1.0/auth/identities/bearer/<name>/token`; the previous token becomes invalid. */
export async function createBearerToken(call: Call): Promise<Response> {
  const { server, peer } = call
  if (!mayAdminister(peer)) throw new Failure(403, server.dialect.forbidden)
  const identity = findIdentity(call, 'bearer')
  const { expiry } = decodeFields(await readJson(call.request), 'IdentityBearerTokenPost', {
    expiry: 'string',
  })
  const expires = expiryOf(expiry || '10y')
  const signed = {
    ...identity,
    signingKey: randomBytes(64).toString('hex'),
    expiresAt: expires.toISOString(),
  }
  await server.identities.put(signed)
  const { fingerprint } = server.identity
  return syncAnswer({ token: signBearerToken(signed, issuerOf(fingerprint), fingerprint, expires) })
}

/** `DELETE /1.0/auth/identities/bearer/<name>/token`: revokes it. */
export async function deleteBearerToken(call: Call): Promise<Response> {
  const { server, peer } = call
  if (!mayAdminister(peer)) throw new Failure(403, server.dialect.forbidden)
  const { signingKey: _gone, expiresAt: _then, ...kept } = findIdentity(call, 'bearer')
  await server.identities.put(kept)
  return syncAnswer({})
}

const seconds: Readonly<Record<string, number>> = {
  S: 1,
  M: 60,
  H: 3600,
  d: 86_400,
  w: 604_800,
  m: 2_592_000,
  y: 31_536_000,
}

/** `1d`, `2H 30M`: each unit at most once. */
function expiryOf(text: string): Date {
  let after = 0
  const seen = new Set<string>()
  for (const part of text.split(' ')) {
    const [, count = '', unit = ''] = /^(\d+)([SMHdwmy])$/.exec(part) ?? []
    const each = seconds[unit]
    if (each === undefined || seen.has(unit)) throw new Failure(500, `Invalid expiry expression`)
    seen.add(unit)
    if (!Number.isSafeInteger(Number(count)))
      throw new Failure(500, `strconv.Atoi: parsing "${count}": value out of range`)
    after += Number(count) * each
  }
  return new Date(Date.now() + after * 1000)
}

/** `lxd:<uuid>`, derived from the server's certificate. */
function issuerOf(fingerprint: string): string {
  return `lxd:${fingerprint.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')}`
}
