import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import { checkPrecondition } from '../../call/check-precondition.ts'
import type { Call } from '../../call/context.ts'
import { emitAlias } from '../../call/emit-lifecycle.ts'
import { findImage } from '../../call/find-image.ts'
import { readJson } from '../../call/read-json.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { findChangeableAlias } from './find-alias.ts'
import { aliasEtag } from './render-alias.ts'

/** `PUT /1.0/images/aliases/<name>`: no upsert; an absent description becomes "". */
export async function updateAlias(call: Call): Promise<Response> {
  const { server } = call
  const fields = decodeFields(await readJson(call.request), 'ImageAliasesEntryPut', {
    description: 'string',
    target: 'string',
  })
  if (!fields.target) throw new Failure(400, 'The target field is required')
  // No await until the write: exactly one of several writers with the same ETag succeeds.
  const alias = findChangeableAlias(call)
  checkPrecondition(server.dialect, call.request, aliasEtag(server, alias, call.params[0]))
  const image = findImage(server, alias.project, fields.target)
  await server.aliases.put({ ...alias, target: image.fingerprint, description: fields.description ?? '' })
  emitAlias(call, 'image-alias-updated', alias.name, { target: image.fingerprint })
  return syncAnswer({})
}
