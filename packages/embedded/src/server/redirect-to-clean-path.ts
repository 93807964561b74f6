/** The redirect that Go's router sends for a path that is not clean (T42): 307 for every method; `%2E` does not count as a dot. */
export function redirectToCleanPath(method: string, path: string, search: string): Response | undefined {
  const clean = cleanPath(path)
  if (clean === path) return undefined
  const location = `${clean}${search}`
  const link = `<a href="${location.replaceAll('&', '&amp;')}">Temporary Redirect</a>.\n\n`
  const isGet = method === 'GET'
  return new Response(isGet ? link : null, {
    status: 307,
    headers: { location, ...(isGet ? { 'content-type': 'text/html; charset=utf-8' } : {}) },
  })
}

/** As Go's `path.Clean`, but keeps a trailing slash. */
function cleanPath(path: string): string {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') kept.pop()
    else kept.push(segment)
  }
  const clean = `/${kept.join('/')}`
  return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean
}
