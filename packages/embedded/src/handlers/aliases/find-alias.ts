import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { imagesProject } from '../../call/images-project.ts'
import { type AliasRecord, aliasKey } from '../../records/records.ts'

/** @throws {Failure} 404 */
export function findAlias(call: Call, missing = 'Image alias not found'): AliasRecord {
  const name = storedName(call.params[0] ?? '')
  const alias = call.server.aliases.get(aliasKey(imagesProject(call), name))
  const isHidden = name === '' && call.server.dialect.emptyAlias === 'unreachable'
  if (alias === undefined || isHidden) throw new Failure(404, missing)
  return alias
}

/** The alias of a call that changes it; one named "" cannot be reached on Incus (T10). */
export function findChangeableAlias(call: Call): AliasRecord {
  if (call.params[0] === '' && call.server.dialect.emptyAlias === 'unchangeable') {
    const what = 'Mux var "name" not found for object type "image_alias"'
    throw new Failure(500, `Failed to create authentication object: ${what}`)
  }
  return findAlias(call)
}

/** The database ends text at a NUL: `x%00y` answers as `x`. */
export function storedName(name: string): string {
  return name.split('\0', 1)[0] ?? ''
}
