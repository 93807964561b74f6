import { type Dialect, dialects } from '@hyperkit/embedded'

export type Field = keyof Dialect

/**
 * A dialect with another value for one field: one that another dialect has, else one made up.
 *
 * @returns also that value
 */
export function changeField(dialect: Dialect, field: Field): { changed: Dialect; to: unknown } {
  const from = dialect[field]
  // The kind that it is of first: what another version does is the likelier mistake.
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
