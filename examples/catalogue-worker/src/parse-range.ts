export interface ByteRange {
  start: number
  /** Included. */
  end: number
}

/**
 * The one range that a request asks for: `bytes=0-99`, `bytes=100-` or `bytes=-100`. Undefined where it asks for none, for
 * several, or in words that nobody knows: then everything is sent (RFC 9110, 14.2). 'unsatisfiable' past the end.
 */
export function parseRange(
  request: Request,
  etag: string,
  size: number,
): ByteRange | undefined | 'unsatisfiable' {
  const condition = request.headers.get('if-range')
  if (condition !== null && condition !== etag) return undefined
  const [, first = '', last = ''] =
    /^bytes=(\d*)-(\d*)$/.exec(request.headers.get('range')?.trim() ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const start = Math.max(0, size - Number(last))
    return Number(last) === 0 ? 'unsatisfiable' : { start, end: size - 1 }
  }
  const range = { start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
  if (last !== '' && Number(last) < range.start) return undefined
  return range.start >= size ? 'unsatisfiable' : range
}
