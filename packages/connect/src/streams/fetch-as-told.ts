import { chooseProxy, namesProxy } from '../transport/choose-proxy.ts'
import { processEnvironment } from '../transport/process-environment.ts'
import type { Environment } from '../transport/transport-options.ts'
import { fetchFromWeb, isOfWeb } from './fetch-from-web.ts'

/**
 * {@link fetchFromWeb} if the environment names a proxy, for reports. The runtimes' own `fetch` does not use it as servers are reached: that
 * of Node supports no proxy, and those of Bun and Deno use it for loopback too.
 *
 * @returns undefined if the environment names no proxy; then the runtime's own `fetch` can be used
 *
 * @example
 * ```ts
 * const fetch = fetchAsTold('https://hooks.example.org/images') ?? globalThis.fetch
 * console.log(typeof fetch)
 * ```
 */
export function fetchAsTold(
  url: string,
  environment: Environment = processEnvironment(),
): ((input: string, init: RequestInit) => Promise<Response>) | undefined {
  // The caller reports an invalid address.
  const isProxied = URL.canParse(url) && mayHaveProxy(new URL(url), environment)
  return isProxied ? fetchFromWeb({ environment }) : undefined
}

/** Other variables apply to https, and plain http is often redirected to https. */
function mayHaveProxy(url: URL, environment: Environment): boolean {
  if (!isOfWeb(url)) return false
  const { proxy, bypasses } = chooseProxy(url, undefined, environment)
  return proxy !== undefined || bypasses || namesProxy('https:', environment)
}
