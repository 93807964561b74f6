import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import { imagesProject } from '../../records/images-project.ts'
import type { ImageRecord } from '../../records/records.ts'
import type { Call } from '../../server/context.ts'
import { isRecursive } from '../../server/is-recursive.ts'
import { parseFilter } from './filter/parse-filter.ts'
import { renderImage } from './render-image.ts'

/** `GET /1.0/images`: URLs, or whole images with `recursion=1`; to a stranger the public ones only. */
export function listImages(call: Call): Response {
  const { server, query } = call
  const matches = parseFilter(query.get('filter') ?? '', server.dialect.typedFilters)
  const images = imagesOf(call).map((image) => renderImage(server, image))
  const wanted = images.filter(matches)
  const recursive = isRecursive(query)
  return syncAnswer(recursive ? wanted : wanted.map(({ fingerprint }) => `/1.0/images/${fingerprint}`))
}

function imagesOf(call: Call): ImageRecord[] {
  const { server, peer, query } = call
  const { dialect } = server
  const all = dialect.imageHasProject && query.get('all-projects') === 'true'
  if (all && query.has('project')) {
    throw new Failure(400, 'Cannot specify a project when requesting all projects')
  }
  if (!peer.trusted && dialect.untrustedDefaultProjectOnly && call.project !== 'default') {
    throw new Failure(400, 'Unauthenticated image queries are only possible against the default project')
  }
  const project = all ? undefined : imagesProject(call)
  const images = server.images
    .values()
    .filter((image) => (project === undefined || image.project === project) && (peer.trusted || image.public))
  if (dialect.randomOrder) return shuffled(images)
  // LXD lists by fingerprint to those it trusts, and in the order of creation to all others.
  return peer.trusted ? images.sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)) : images
}

function shuffled<T>(items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, key: Math.random() }))
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item)
}
