import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { aliasUrl, emitAlias } from '../../call/emit-lifecycle.ts'
import { readJson } from '../../call/read-json.ts'
import { wait } from '../../call/wait.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { aliasKey } from '../../records/records.ts'
import { checkAliasName } from './check-alias-name.ts'
import { findChangeableAlias, storedName } from './find-alias.ts'

/** `POST /1.0/images/aliases/<name>`: renames, also to "" (T10). Takes 10 s on LXD 5.0.2 (T9). */
export async function renameAlias(call: Call): Promise<Response> {
  const { server } = call
  const fields = decodeFields(await readJson(call.request), 'ImageAliasesEntryPost', { name: 'string' })
  checkAliasName(server.dialect, fields.name ?? '')
  const name = storedName(fields.name ?? '')
  if (server.dialect.aliasPatchFails) await wait(server.aliasDelay)
  const alias = findChangeableAlias(call)
  if (server.aliases.get(aliasKey(alias.project, name)) !== undefined) {
    throw new Failure(409, `Alias "${name}" already exists`)
  }
  const written = server.aliases.put({ ...alias, name })
  const removed = server.aliases.delete(aliasKey(alias.project, alias.name))
  await written
  await removed
  emitAlias(call, 'image-alias-renamed', name, { old_name: alias.name })
  return syncAnswer(null, { location: aliasUrl(server, call.project, name) })
}
