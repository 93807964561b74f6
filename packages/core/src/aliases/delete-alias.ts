import * as v from 'valibot'
import { aliasPath } from '../http/alias-path.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { type Alias, aliasSchema, readAlias } from '../model/alias.ts'

/** Options of `aliases.delete`. */
export interface DeleteAliasOptions extends CallOptions {
  /**
   * Whether an alias of this name is still the one to delete. It is asked if the answer to the deletion was lost, and another address of the
   * server shows that the name exists: somebody else may have created it since.
   * @default always
   */
  isStillMeant?: ((alias: Alias) => boolean) | undefined
}

/** Deletes an alias and keeps its image; `not-found` if there is no such alias. */
export async function deleteAlias(
  connection: Connection,
  name: string,
  { isStillMeant, ...options }: DeleteAliasOptions = {},
): Promise<void> {
  await connection.ask({
    method: 'DELETE',
    path: aliasPath(name),
    action: `delete alias ${JSON.stringify(name)}`,
    isStillMeant: isStillMeant && ((found) => isMeant(found, isStillMeant)),
    ...options,
  })
}

function isMeant(found: unknown, isStillMeant: (alias: Alias) => boolean): boolean {
  const read = v.safeParse(aliasSchema, found)
  return !read.success || isStillMeant(readAlias(read.output))
}
