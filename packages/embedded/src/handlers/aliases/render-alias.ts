import type { ServerContext } from '../../call/context.ts'
import { etagOf, GoStruct } from '../../json/go-json.ts'
import { type AliasRecord, imageKey } from '../../records/records.ts'

/**
 * The alias as the API shows it; `type` follows the image.
 *
 * @param name as requested: text after a NUL is not stored, but echoed
 */
export function renderAlias(
  server: ServerContext,
  alias: AliasRecord,
  name: string = alias.name,
): Record<string, string> {
  const image = server.images.get(imageKey(alias.project, alias.target))
  return {
    description: alias.description,
    target: alias.target,
    name,
    type: image?.type ?? 'container',
  }
}

export function aliasEtag(server: ServerContext, alias: AliasRecord, name: string = alias.name): string {
  return etagOf(new GoStruct(renderAlias(server, alias, name)))
}
