import type { Dialect } from '../dialect/dialect.ts'

/** Whether a list returns whole objects: if `recursion` is an integer other than 0; `true` does not count. */
export function isRecursive(query: URLSearchParams, { negativeRecursion }: Dialect): boolean {
  const text = query.get('recursion') ?? ''
  if (!/^[+-]?\d+$/.test(text)) return false
  return negativeRecursion ? Number(text) !== 0 : Number(text) > 0
}
