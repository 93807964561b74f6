/** What is in a token: the base64 of a JSON object that a client, or the server, has made. */
export interface TrustToken {
  secret: string
  /** Says that the token is for an identity (T64). */
  type: string
}

/** @returns `undefined` where the text is no token at all */
export function readTrustToken(text: string): TrustToken | undefined {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'))
    if (typeof token !== 'object' || token === null) return undefined
    const { secret, fingerprint, type } = token as Record<string, unknown>
    if (typeof secret !== 'string' || typeof fingerprint !== 'string') return undefined
    return { secret, type: typeof type === 'string' ? type : '' }
  } catch {
    return undefined
  }
}
