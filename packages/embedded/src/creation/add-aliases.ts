import type { Call } from '../call/context.ts'
import { emitAlias } from '../call/emit-lifecycle.ts'
import { aliasKey, type ImageRecord } from '../records/records.ts'
import type { NewAlias } from './creation.ts'

/**
 * Adds the aliases of a creation request, all or none; the image stays if one of them exists (T6).
 *
 * @throws {Error} `Alias already exists: …`
 */
export async function addAliases(
  call: Call,
  image: ImageRecord,
  aliases: readonly NewAlias[],
): Promise<void> {
  const { server } = call
  const seen = new Set<string>()
  for (const { name } of aliases) {
    if (seen.has(name) || server.aliases.get(aliasKey(image.project, name)) !== undefined) {
      throw new Error(`Alias already exists: ${name}`)
    }
    seen.add(name)
  }
  for (const { name, description } of aliases) {
    await server.aliases.put({ project: image.project, name, description, target: image.fingerprint })
    if (server.dialect.aliasEventsWithImage) {
      emitAlias(call, 'image-alias-created', name, { target: image.fingerprint })
    }
  }
}
