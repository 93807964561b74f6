import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import { checkPrecondition } from '../../call/check-precondition.ts'
import type { Call } from '../../call/context.ts'
import { emitAlias } from '../../call/emit-lifecycle.ts'
import { findImage } from '../../call/find-image.ts'
import { readJson } from '../../call/read-json.ts'
import { wait } from '../../call/wait.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { findChangeableAlias } from './find-alias.ts'
import { aliasEtag } from './render-alias.ts'

/** `PATCH /1.0/images/aliases/<name>`; on LXD 5.0.2 it blocks itself and changes nothing (T9). */
export async function patchAlias(call: Call): Promise<Response> {
  const { server } = call
  const body = await readJson(call.request)
  if (server.dialect.aliasPatchFails) {
    findChangeableAlias(call)
    await wait(2 * server.aliasDelay)
    throw new Failure(500, 'context deadline exceeded')
  }
  const { description, target } = decodeFields(body, 'ImageAliasesEntryPut', {
    description: 'any',
    target: 'any',
  })
  if (target !== undefined && typeof target !== 'string') throw new Failure(400, '`target` was not a string')
  if (description !== undefined && typeof description !== 'string') {
    throw new Failure(400, '`description` was not a string')
  }
  const alias = findChangeableAlias(call)
  checkPrecondition(server.dialect, call.request, aliasEtag(server, alias))
  if (target === '') throw new Failure(500, 'No fingerprint prefix specified for the image')
  const image = target === undefined ? undefined : findImage(server, alias.project, target)
  const changed = {
    ...alias,
    target: image?.fingerprint ?? alias.target,
    description: description ?? alias.description,
  }
  await server.aliases.put(changed)
  emitAlias(call, 'image-alias-updated', alias.name, { target: changed.target })
  return syncAnswer({})
}
