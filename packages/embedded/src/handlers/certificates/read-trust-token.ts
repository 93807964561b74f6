/** The content of a token: a JSON object, made by a client or the server and encoded as base64. */
export interface TrustToken {
  secret: string
  /** Marks a token of an identity (T64). */
  type: string
}

/** @returns `undefined` if the text is not a token */
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
