import { type Dialect, dialects } from '@hyperkit/embedded'

export type Field = keyof Dialect

/**
 * A dialect with a different value for one field: the value of another dialect, or an invented one.
 *
 * @returns the dialect and the value
 */
export function changeField(dialect: Dialect, field: Field): { changed: Dialect; to: unknown } {
  const from = dialect[field]
  // Dialects of the same kind come first, because confusing two versions is the more likely mistake.
  const others = Object.values(dialects).sort(
    (a, b) => Number(b.kind === dialect.kind) - Number(a.kind === dialect.kind),
  )
  const other = others.find((one) => JSON.stringify(one[field]) !== JSON.stringify(from))
  const to = other === undefined ? makeUp(from) : other[field]
  return { changed: { ...dialect, [field]: to }, to }
}

function makeUp(value: unknown): unknown {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'string') return `${value} (changed)`
  throw new Error(`Cannot make up another value for ${JSON.stringify(value)}: all dialects have it`)
}
