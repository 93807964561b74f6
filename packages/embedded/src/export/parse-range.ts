export interface ByteRange {
  start: number
  /** Exclusive. */
  end: number
}

/**
 * The ranges of a `Range` header as Go's file server reads them.
 *
 * @returns `'whole'` if the whole file is requested; `'malformed'` and `'outside'` both answer 416
 */
export function parseRange(
  header: string | null,
  size: number,
): ByteRange[] | 'whole' | 'malformed' | 'outside' {
  if (header === null || header === '') return 'whole'
  if (!header.startsWith('bytes=')) return 'malformed'
  const ranges: ByteRange[] = []
  let asked = false
  for (const text of header.slice('bytes='.length).split(',')) {
    const spec = text.trim()
    if (spec === '') continue
    asked = true
    const match = /^(\d*)\s*-\s*(\d*)$/.exec(spec)
    if (match === null || spec === '-') return 'malformed'
    const range = rangeOf(match[1] ?? '', match[2] ?? '', size)
    if (range === 'malformed') return range
    if (range !== 'outside') ranges.push(range)
  }
  if (ranges.length === 0) return asked ? 'outside' : 'whole'
  // A request for more bytes than the file has gets the whole file.
  const total = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
  return total > size ? 'whole' : ranges
}

function rangeOf(first: string, last: string, size: number): ByteRange | 'outside' | 'malformed' {
  if (first === '') return { start: Math.max(size - Number(last), 0), end: size }
  const start = Number(first)
  if (start >= size) return 'outside'
  if (last === '') return { start, end: size }
  if (Number(last) < start) return 'malformed'
  return { start, end: Math.min(Number(last) + 1, size) }
}
