import type { Dialect } from '../../dialect/dialect.ts'
import { fill } from '../../dialect/fill.ts'

/**
 * The profiles of a creation request, if they exist; this server has only one.
 *
 * @throws {Error} in the words of the dialect
 */
export function knownProfiles(dialect: Dialect, names: readonly string[]): string[] {
  const unknown = names.find((name) => name !== 'default')
  if (unknown !== undefined) throw new Error(fill(dialect.unknownProfileOfCreation, unknown))
  return [...names]
}
