/** The claims of a JWT, by the names of RFC 7519; a claim that is absent or of another type is undefined. */
export interface TokenClaims {
  /** The subject: whom the token identifies. */
  sub: string | undefined
  /** The issuer; a token of {@link mintToken} has none. */
  iss: string | undefined
  /** The audience; empty if the token does not say. */
  aud: string[]
  /** When it expires, in seconds since 1970. */
  exp: number | undefined
  /** When it becomes valid, in seconds since 1970. */
  nbf: number | undefined
}

/**
 * Reads the claims of a JWT without verifying them, which is up to the server. Undefined for any other kind of token.
 *
 * @example
 * ```ts
 * const { exp } = readTokenClaims(token) ?? {}
 * ```
 */
export function readTokenClaims(token: string): TokenClaims | undefined {
  try {
    const base64 = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    const { sub, iss, aud, exp, nbf } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
    return {
      sub: typeof sub === 'string' ? sub : undefined,
      iss: typeof iss === 'string' ? iss : undefined,
      aud: (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string'),
      exp: typeof exp === 'number' ? exp : undefined,
      nbf: typeof nbf === 'number' ? nbf : undefined,
    }
  } catch {
    return undefined
  }
}

/** Whether a client minted the token itself: only such tokens have a certificate as subject and no issuer. */
export function isOfCertificate(claims: TokenClaims | undefined): boolean {
  return claims !== undefined && claims.iss === undefined && /^[0-9a-f]{64}$/.test(claims.sub ?? '')
}
