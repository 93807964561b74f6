import { defaultLifetime, type MintTokenOptions, mintToken } from './mint-token.ts'

/**
 * A `token` for transports, which mints tokens with {@link mintToken}. It gives the same token until a quarter of its lifetime is left, and
 * then a new one. It checks the options when it mints the first token.
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
    // A new one is needed too if the clock was set back, because the old one is not valid yet then.
    if (time < renewAt && time >= mintedAt) return token
    // Promises are not shared: a worker must not await a promise of another request.
    const fresh = await mintToken(options)
    token = fresh
    mintedAt = time
    renewAt = time + lifetime * 750
    return fresh
  }
}
