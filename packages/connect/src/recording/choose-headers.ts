// The headers that mean something to the API. Others (cookies, authorization, those that a proxy adds) are noise or secrets.
const kept = new Set([
  'accept-encoding',
  'content-disposition',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'if-match',
  'last-modified',
  'location',
  'range',
  'retry-after',
])

/** The headers that a recording keeps, by name. */
export function chooseHeaders(headers: Headers): Record<string, string> {
  const chosen = [...headers].filter(([name]) => kept.has(name) || /^x-(lxd|incus)-/.test(name))
  return Object.fromEntries(chosen.sort(([a], [b]) => (a < b ? -1 : 1)))
}
