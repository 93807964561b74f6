import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { imageKey } from '../../records/records.ts'
import { mayWith } from '../../trust/rights.ts'
import { findAlias } from './find-alias.ts'
import { aliasEtag, renderAlias } from './render-alias.ts'

/** `GET /1.0/images/aliases/<name>`; untrusted clients see the aliases of public images. */
export function getAlias(call: Call): Response {
  const { server, peer } = call
  const missing = () => new Failure(404, server.dialect.missingAlias)
  const isForeign = !peer.trusted && call.project !== 'default'
  if (isForeign && !server.dialect.untrustedForeignImage) throw missing()
  const alias = findAlias(call, server.dialect.missingAlias)
  const [name = ''] = call.params
  const image = server.images.get(imageKey(alias.project, alias.target))
  const url = `/1.0/images/aliases/${encodeURIComponent(name)}`
  if (image?.public !== true && !mayWith(peer, 'can_view_image_aliases', call.project, url)) throw missing()
  return syncAnswer(renderAlias(server, alias, name), { etag: aliasEtag(server, alias, name) })
}
