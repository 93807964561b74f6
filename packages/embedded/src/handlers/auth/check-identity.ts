import { Failure } from '../../answer/failure.ts'
import { fill } from '../../dialect/fill.ts'
import type { ServerContext } from '../../server/context.ts'

/** @throws {Failure} 409 for a name that a certificate or an identity has */
export function checkIdentityName(server: ServerContext, name: string): void {
  if (isNameTaken(server, name)) throw new Failure(409, `An identity with name "${name}" already exists`)
}

export function isNameTaken({ identities, certificates }: ServerContext, name: string): boolean {
  return [...identities.values(), ...certificates.values()].some((one) => one.name === name)
}

/** @throws {Failure} 404 */
export function checkGroups({ groups, dialect }: ServerContext, names: readonly string[]): void {
  const missing = names.filter((name) => groups.get(name) === undefined).map((name) => `"${name}"`)
  if (missing.length === 0) return
  throw new Failure(404, fill(dialect.unknownGroups, missing.join(', ')))
}
