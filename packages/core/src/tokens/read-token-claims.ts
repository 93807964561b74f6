/** What a JWT says of itself, by the names of RFC 7519. Whatever is absent or of another type is undefined. */
export interface TokenClaims {
  /** Whom it stands for. */
  sub: string | undefined
  /** Who issued it; a token that {@link mintToken} made has none. */
  iss: string | undefined
  /** For whom it is; empty where it does not say. */
  aud: string[]
  /** When it expires, in seconds since 1970. */
  exp: number | undefined
  /** From when on it is valid, in seconds since 1970. */
  nbf: number | undefined
}

/**
 * What a JWT claims: nothing is verified, that is for the server. Undefined for any other kind of token.
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

/** Only tokens that the client made itself name a certificate as their subject, and nobody as their issuer. */
export function isOfCertificate(claims: TokenClaims | undefined): boolean {
  return claims !== undefined && claims.iss === undefined && /^[0-9a-f]{64}$/.test(claims.sub ?? '')
}
