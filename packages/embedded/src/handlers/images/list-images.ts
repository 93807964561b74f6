import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { imageUrl } from '../../call/emit-lifecycle.ts'
import { imagesProject } from '../../call/images-project.ts'
import { isRecursive } from '../../call/is-recursive.ts'
import { refusal } from '../../dialect/fill.ts'
import type { ImageRecord } from '../../records/records.ts'
import { mayWith } from '../../trust/rights.ts'
import { parseFilter } from './filter/parse-filter.ts'
import { renderImage } from './render-image.ts'

/** `GET /1.0/images`: URLs, or whole images with `recursion=1`; untrusted clients see only public ones. */
export function listImages(call: Call): Response {
  const { server, query } = call
  const { dialect } = server
  const matches = parseFilter(query.get('filter') ?? '', dialect)
  const all = dialect.imagesOfAllProjects !== 'ignored' && query.get('all-projects') === 'true'
  const images = (all ? imagesOfAll(call) : imagesOfOne(call)).map((image) => ({
    shown: renderImage(server, image),
    project: image.project,
  }))
  const wanted = images.filter(({ shown }) => matches(shown))
  const recursive = isRecursive(query, dialect)
  const named = all && dialect.imagesOfAllProjects === 'urls-with-project'
  return syncAnswer(
    wanted.map(({ shown, project }) =>
      recursive ? shown : imageUrl(named ? project : 'default', String(shown.fingerprint)),
    ),
  )
}

function imagesOfAll(call: Call): ImageRecord[] {
  const { server, peer, query } = call
  const { dialect } = server
  if (query.has('project')) {
    throw new Failure(400, 'Cannot specify a project when requesting all projects')
  }
  if (!peer.trusted && dialect.untrustedAllProjects !== 'public') throw refusal(dialect.untrustedAllProjects)
  const restricted = peer.projects === undefined ? 'own' : dialect.restrictedAllImages
  if (typeof restricted !== 'string') throw refusal(restricted)
  const isOfAll = (image: ImageRecord): boolean =>
    isPublicOfDefault(image) || (restricted !== 'own' && image.project === 'default')
  return ordered(
    call,
    server.images.values().filter((image) => isOfAll(image) || sees(call, image)),
  )
}

function imagesOfOne(call: Call): ImageRecord[] {
  const { server, peer } = call
  const { dialect } = server
  if (!peer.trusted && call.project !== 'default' && call.isForeign !== true) {
    if (dialect.untrustedForeignImages !== 'public') throw refusal(dialect.untrustedForeignImages)
  }
  const project = imagesProject(call)
  const images = server.images.values().filter((image) => image.project === project)
  return ordered(
    call,
    images.filter((image) => image.public || sees(call, image)),
  )
}

function isPublicOfDefault(image: ImageRecord): boolean {
  return image.public && image.project === 'default'
}

function sees({ peer, query, project }: Call, image: ImageRecord): boolean {
  // The rights in a project without separate images decide, and not those in `default`.
  const through = query.get('all-projects') === 'true' ? image.project : project
  return mayWith(peer, 'can_view_images', through, `/1.0/images/${image.fingerprint}`)
}

function ordered({ server, peer }: Call, images: ImageRecord[]): ImageRecord[] {
  if (server.dialect.randomOrder) return shuffled(images)
  // LXD sorts by fingerprint for trusted clients, and by creation for all others.
  return peer.trusted ? images.sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)) : images
}

function shuffled<T>(items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, key: Math.random() }))
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item)
}
