/** The context that a worker's fetch handler gets with the request. */
export interface Context {
  waitUntil(work: Promise<unknown>): void
}

export interface CacheLookup {
  found: Response | undefined
  /**
   * Puts what was not found, once its body has come to its end, and nothing of one that breaks off; resolves when the
   * cache wants no more of it. Undefined where no cache is set up, as on a workerd without `cacheApiOutbound`.
   */
  keep: ((response: Response) => Promise<void>) | undefined
}

/** Looks up the platform's cache. It may answer a request for a range with the whole file. */
export async function lookIntoCache(
  context: Context,
  url: string,
  headers: Record<string, string> = {},
): Promise<CacheLookup> {
  const cache = (globalThis as { caches?: { default?: Cache } }).caches?.default
  try {
    const found = await cache?.match(new Request(url, { headers }))
    return { found, keep: cache && ((response) => put(cache, context, url, response)) }
  } catch {
    return { found: undefined, keep: undefined }
  }
}

function put(cache: Cache, context: Context, url: string, response: Response): Promise<void> {
  const done = cache
    .put(url, response)
    .catch((error: unknown) => console.error(`Cannot cache an image: ${error}`))
  context.waitUntil(done)
  return done
}
