import { defaultLifetime, type MintTokenOptions, mintToken } from './mint-token.ts'

/**
 * What a transport takes as `token`: gives a token of {@link mintToken}, the same one until a quarter of its lifetime is
 * left, then a new one. Options are checked at the first token.
 *
 * @example
 * ```ts
 * const transport = fetchTransport('https://10.1.0.7:8443', { token: createTokenSource({ certificate: cert, key }) })
 * ```
 */
export function createTokenSource(options: MintTokenOptions): () => Promise<string> {
  const { lifetime = defaultLifetime, now = Date.now } = options
  let token = ''
  let renewAt = Number.NEGATIVE_INFINITY
  let mintedAt = 0
  return async () => {
    const time = now()
    // Also when the clock was set back: until it is later again, the token is not yet valid.
    if (time < renewAt && time >= mintedAt) return token
    // No promise is shared: a worker may not await what another request began.
    const fresh = await mintToken(options)
    token = fresh
    mintedAt = time
    renewAt = time + lifetime * 750
    return fresh
  }
}
