import { checkPrecondition } from '../../answer/check-precondition.ts'
import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import { emitAlias } from '../../events/emit-lifecycle.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { findImage } from '../../records/find-image.ts'
import type { Call } from '../../server/context.ts'
import { readJson } from '../../server/read-json.ts'
import { wait } from '../../server/wait.ts'
import { findChangeableAlias } from './find-alias.ts'
import { aliasEtag } from './render-alias.ts'

/** `PATCH /1.0/images/aliases/<name>`; on LXD 5.0.2 it blocks itself and changes nothing (T9). */
export async function patchAlias(call: Call): Promise<Response> {
  const { server } = call
  const body = await readJson(call.request)
  if (server.dialect.quirks.aliasPatchFails) {
    findChangeableAlias(call)
    await wait(2 * server.aliasDelay)
    throw new Failure(500, 'context deadline exceeded')
  }
  if (body === null) throw new Failure(400, 'Invalid request body')
  const fields = decodeFields(body, 'ImageAliasesEntryPut', { description: 'string', target: 'string' })
  const alias = findChangeableAlias(call)
  checkPrecondition(call.request, aliasEtag(server, alias))
  const target = fields.target ? findImage(server, alias.project, fields.target).fingerprint : alias.target
  await server.aliases.put({ ...alias, target, description: fields.description ?? alias.description })
  emitAlias(call, 'image-alias-updated', alias.name, { target })
  return syncAnswer({})
}
