import { checkPrecondition } from '../../answer/check-precondition.ts'
import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import { emitAlias } from '../../events/emit-lifecycle.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { findImage } from '../../records/find-image.ts'
import type { Call } from '../../server/context.ts'
import { readJson } from '../../server/read-json.ts'
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
  // From here to the write nothing waits: of several writers with one ETag exactly one wins.
  const alias = findChangeableAlias(call)
  checkPrecondition(server.dialect, call.request, aliasEtag(server, alias, call.params[0]))
  const image = findImage(server, alias.project, fields.target)
  await server.aliases.put({ ...alias, target: image.fingerprint, description: fields.description ?? '' })
  emitAlias(call, 'image-alias-updated', alias.name, { target: image.fingerprint })
  return syncAnswer({})
}
