import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { emitAlias } from '../../call/emit-lifecycle.ts'
import { aliasKey } from '../../records/records.ts'
import { findChangeableAlias } from './find-alias.ts'

/** `DELETE /1.0/images/aliases/<name>`; If-Match is ignored. */
export async function deleteAlias(call: Call): Promise<Response> {
  const alias = findChangeableAlias(call)
  await call.server.aliases.delete(aliasKey(alias.project, alias.name))
  emitAlias(call, 'image-alias-deleted', alias.name)
  return syncAnswer({})
}
