import { ArgumentError } from '@hyperkit/core'
import { readTokenClaims } from '@hyperkit/core/parts'
import * as v from 'valibot'

const schema = v.looseObject({
  client_name: v.string(),
  fingerprint: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  addresses: v.nullish(v.array(v.string())),
  expires_at: v.nullish(v.string()),
})

/** The content of a trust token (`incus config trust add`, `lxc config trust add`), except its secret. */
export interface TrustToken {
  /** Name under which the server will list the client. */
  clientName: string
  /** SHA-256 of the server's certificate, 64 hex: pin it. */
  fingerprint: string
  /** Addresses of the server, as `https://host:port`. */
  addresses: string[]
  expiresAt: Date | undefined
}

/**
 * Reads a trust token without using it up.
 *
 * @throws ArgumentError
 *
 * @example
 * ```ts
 * const { addresses, fingerprint } = parseTrustToken(token)
 * console.log(addresses, fingerprint)
 * ```
 */
export function parseTrustToken(token: string): TrustToken {
  if (readTokenClaims(token.trim()) !== undefined)
    throw new ArgumentError(
      'token',
      'Cannot read trust token: it is a bearer token, which is sent with each request and cannot be used to enrol; give it to connect() as "token", or to a server of a manifest',
    )
  let content: unknown
  try {
    content = JSON.parse(atob(token.trim()))
  } catch (cause) {
    throw new ArgumentError(
      'token',
      'Cannot read trust token: it is not JSON in base64; copy the whole token',
      { cause },
    )
  }
  const result = v.safeParse(schema, content)
  if (!result.success) {
    const [issue] = result.issues
    throw new ArgumentError(
      'token',
      `Cannot read trust token: "${issue.path?.map(({ key }) => key).join('.')}": ${issue.message}`,
    )
  }
  const { client_name: clientName, fingerprint, addresses, expires_at: expires } = result.output
  return {
    clientName,
    fingerprint,
    addresses: (addresses ?? []).map((address) => `https://${address}`),
    // Servers write the year 1 if the token does not expire.
    expiresAt: !expires || expires.startsWith('0001-') ? undefined : new Date(expires),
  }
}
