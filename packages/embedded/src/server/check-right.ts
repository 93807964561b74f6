import { Failure } from '../answer/failure.ts'
import type { Call } from '../call/context.ts'
import { findChangeableImage } from '../handlers/images/find-changeable-image.ts'
import { may, mayWith, type Right } from '../trust/rights.ts'

/**
 * Checks that a fine-grained identity has the right for its request: on the project, or on the one image, alias or instance.
 *
 * @throws {Failure} 403, or 404 if the identity may not even see it
 */
export function checkRight(call: Call, right: Right): void {
  const { peer, server, params } = call
  if (peer.permissions === undefined) return
  const { dialect } = server
  const refused = () => new Failure(403, dialect.forbidden)
  if (right === 'can_view_instances') {
    if (mayWith(peer, right, call.project, `/1.0/instances/${params[0]}`)) return
    throw new Failure(404, dialect.notFound)
  }
  if (right.startsWith('can_create_') || !right.includes('_image')) {
    if (!may(peer, right, call.project)) throw refused()
    return
  }
  const [url, seeing] = right.endsWith('_aliases')
    ? ([`/1.0/images/aliases/${encodeURIComponent(params[0] ?? '')}`, 'can_view_image_aliases'] as const)
    : ([imageUrlOf(call), 'can_view_images'] as const)
  if (mayWith(peer, right, call.project, url)) return
  throw mayWith(peer, seeing, call.project, url) ? refused() : new Failure(404, dialect.notFound)
}

function imageUrlOf(call: Call): string {
  return `/1.0/images/${findChangeableImage(call).fingerprint}`
}
