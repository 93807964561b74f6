import { Failure } from '../../answer/failure.ts'
import type { ServerContext } from '../../call/context.ts'
import { fill } from '../../dialect/fill.ts'

/**
 * Certificates and identities with certificates share one set of names; bearer identities have another.
 *
 * @throws {Failure} 409
 */
export function checkIdentityName(server: ServerContext, name: string, method: 'tls' | 'bearer'): void {
  if (method === 'tls' && isNameTaken(server, name))
    throw new Failure(409, `An identity with name "${name}" already exists`)
  if (
    method === 'bearer' &&
    server.identities.values().some((one) => one.method === method && one.name === name)
  )
    throw new Failure(409, 'Identity already exists')
}

export function isNameTaken({ identities, certificates }: ServerContext, name: string): boolean {
  const withCertificate = identities.values().filter(({ method }) => method === 'tls')
  return [...withCertificate, ...certificates.values()].some((one) => one.name === name)
}

/** @throws {Failure} 404 */
export function checkGroups({ groups, dialect }: ServerContext, names: readonly string[]): void {
  const missing = names.filter((name) => groups.get(name) === undefined).map((name) => `"${name}"`)
  if (missing.length === 0) return
  throw new Failure(404, fill(dialect.unknownGroups, missing.join(', ')))
}
