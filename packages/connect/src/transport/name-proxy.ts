import { isHyperkitError, type Transport } from '@hyperkit/core'
import { namedError } from './named-error.ts'

// Bun's code for a proxy that refuses: nothing has reached the server.
const codes = { ERR_PROXY_TUNNEL: 'ECONNREFUSED' }

/** Makes the failures of a transport name the proxy, which may be the part that does not answer. */
export function nameProxy(transport: Transport, proxy: URL): Transport {
  const naming = async <T>(asked: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> => {
    try {
      return await asked
    } catch (error) {
      if (signal?.aborted || isHyperkitError(error)) throw error
      throw namedError(error, `through proxy "${proxy.host}"`, proxy.host, codes)
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
