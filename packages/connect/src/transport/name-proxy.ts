import { isHyperkitError, type Transport } from '@hyperkit/core'

/** The same transport, whose failures name the proxy: it may be the one that does not answer. */
export function nameProxy(transport: Transport, proxy: URL): Transport {
  return {
    ...transport,
    async fetch(input, init) {
      try {
        return await transport.fetch(input, init)
      } catch (error) {
        const signal = init?.signal ?? (typeof input === 'string' ? undefined : input.signal)
        if (signal?.aborted || isHyperkitError(error)) throw error
        throw named(error, proxy)
      }
    },
  }
}

function named(error: unknown, { host }: URL): unknown {
  if (!(error instanceof Error) || error.message.includes(host)) return error
  const codes: unknown[] = []
  let text = error.message
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    text = at.message
    codes.push((at as { code?: unknown }).code)
  }
  const [code] = codes.filter((each) => typeof each === 'string')
  // Errors show the innermost text, so this one has nothing within.
  return Object.assign(new Error(`through proxy "${host}": ${text}`), {
    // Bun's, where the proxy refuses: nothing has reached the server.
    code: code === 'ERR_PROXY_TUNNEL' ? 'ECONNREFUSED' : code,
  })
}
