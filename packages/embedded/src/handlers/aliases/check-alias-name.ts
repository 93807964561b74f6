import { Failure } from '../../answer/failure.ts'
import type { Dialect } from '../../dialect/dialect.ts'

/**
 * The rule of Incus 6.0.5, 6.16 and newer, in the order of its checks (T40).
 *
 * @throws {Failure} 400
 */
export function checkAliasName({ checksAliasNames }: Dialect, name: string): void {
  const problem = checksAliasNames ? problemOf(name) : undefined
  if (problem !== undefined) throw new Failure(400, `Invalid image alias name: ${problem}`)
}

function problemOf(name: string): string | undefined {
  if (Buffer.byteLength(name) > 64) return 'Maximum name length is 64 characters'
  if (/[\p{White_Space}]/u.test(name)) return 'Name cannot contain white space'
  const bad = /[$?&+"'`*]/.exec(name)?.[0]
  if (bad !== undefined) return `Name contains invalid character ${JSON.stringify(bad)}`
  if (!/^[a-zA-Z0-9]+(.*[a-zA-Z0-9]+)?$/s.test(name))
    return 'Names must start and end with an alphanumeric character'
  return undefined
}
