import { isHyperkitError, type Transport } from '@hyperkit/core'

/** Makes the failures of a transport name the proxy, which may be the part that does not answer. */
export function nameProxy(transport: Transport, proxy: URL): Transport {
  const naming = async <T>(asked: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> => {
    try {
      return await asked
    } catch (error) {
      if (signal?.aborted || isHyperkitError(error)) throw error
      throw named(error, proxy)
    }
  }
  const open = transport.openMessages?.bind(transport)
  return {
    ...transport,
    fetch: (input, init) =>
      naming(
        transport.fetch(input, init),
        init?.signal ?? (typeof input === 'string' ? undefined : input.signal),
      ),
    ...(open === undefined
      ? {}
      : { openMessages: (path, options) => naming(open(path, options), options.signal) }),
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
  // No cause, since errors show the text of the innermost one.
  return Object.assign(new Error(`through proxy "${host}": ${text}`), {
    // Bun's code for a proxy that refuses: nothing has reached the server.
    code: code === 'ERR_PROXY_TUNNEL' ? 'ECONNREFUSED' : code,
  })
}
