export interface ByteRange {
  start: number
  /** Exclusive. */
  end: number
}

/**
 * The ranges of a `Range` header as Go's file server reads them.
 *
 * @returns `'whole'` where the header asks for nothing special, `'unsatisfiable'` for 416
 */
export function parseRange(header: string | null, size: number): ByteRange[] | 'whole' | 'unsatisfiable' {
  if (header === null || header === '') return 'whole'
  if (!header.startsWith('bytes=')) return 'unsatisfiable'
  const ranges: ByteRange[] = []
  for (const text of header.slice('bytes='.length).split(',')) {
    const spec = text.trim()
    if (spec === '') continue
    const match = /^(\d*)-(\d*)$/.exec(spec)
    if (match === null || spec === '-') return 'unsatisfiable'
    const range = rangeOf(match[1] ?? '', match[2] ?? '', size)
    if (range === 'malformed') return 'unsatisfiable'
    if (range !== 'outside') ranges.push(range)
  }
  if (ranges.length === 0) return 'unsatisfiable'
  // Asking for more than the whole gets the whole.
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
