import * as v from 'valibot'
import { guardListing } from '../fingerprints/guard-listing.ts'
import { aliasesPath } from '../http/alias-path.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { type Alias, aliasSchema, readAlias } from '../model/alias.ts'
import { listImageAliases } from './list-image-aliases.ts'

/**
 * All aliases of the project that this client may see, sorted by name. They are read from the images if the client may see those
 * but not the aliases.
 *
 * It asks for full records, because LXD up to 5.0.2 encodes the URLs of the short listing twice.
 *
 * @throws {TruncatedListError} if the server took so long that it may have left some out
 */
export async function listAliases(connection: Connection, options: CallOptions = {}): Promise<Alias[]> {
  const view = await connection.view(options)
  if (view.sees === 'images') return (await listImageAliases(connection, options)).sort(byName)
  const guard = await guardListing(connection, 'aliases', options)
  const { value } = await connection.read(v.nullish(v.array(aliasSchema)), {
    method: 'GET',
    path: aliasesPath,
    query: { recursion: '1' },
    action: 'list aliases',
    ...options,
  })
  const aliases = (value ?? []).map((raw) => readAlias(raw))
  await guard(aliases.length)
  return aliases.sort(byName)
}

function byName(a: Alias, b: Alias): number {
  return a.name < b.name ? -1 : 1
}
