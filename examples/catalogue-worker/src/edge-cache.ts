/** What a worker's fetch handler is given beside the request. */
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

/** Looks into the platform's cache. A range in the headers may be answered by the whole. */
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
  const done = cache.put(url, response).catch((error: unknown) => console.error(`Not kept: ${error}`))
  context.waitUntil(done)
  return done
}
