import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import { imageKey } from '../../records/records.ts'
import type { Call } from '../../server/context.ts'
import { findAlias } from './find-alias.ts'
import { aliasEtag, renderAlias } from './render-alias.ts'

/** `GET /1.0/images/aliases/<name>`; strangers see those of public images. */
export function getAlias(call: Call): Response {
  const { server, peer } = call
  const alias = findAlias(call)
  const [name = ''] = call.params
  const image = server.images.get(imageKey(alias.project, alias.target))
  if (!peer.trusted && image?.public !== true) throw new Failure(404, 'Image alias not found')
  return syncAnswer(renderAlias(server, alias, name), { etag: aliasEtag(server, alias, name) })
}
