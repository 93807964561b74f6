import type { Desired } from '../../desired/desired.ts'
import type { Plan } from '../../documents/plan.ts'
import type { SeenContent, SeenImage, SeenServer } from '../../documents/saved-plan.ts'
import type { ObservedImage, ObservedServer, ReadServer } from '../../observed/observed.ts'

/** Records the parts of the servers that a plan depends on: images and aliases that the manifest names or the plan changes. */
export function recordSeen(desired: Desired, observed: readonly ObservedServer[], plan: Plan): SeenServer[] {
  return observed.flatMap((server) =>
    server.status === 'unread' ? [] : [recordServer(server, desired, plan)],
  )
}

/** Records the content of the images' sources. */
export function recordContents(desired: Desired): SeenContent[] {
  const contents = desired.servers.flatMap(({ name: server, images }) =>
    images.flatMap(({ names, fingerprint }) => names.map((image) => ({ image, server, fingerprint }))),
  )
  const images = [...new Set(contents.map(({ image }) => image))].sort()
  return images.flatMap((image): SeenContent[] => {
    const [first, ...others] = contents.filter((content) => content.image === image)
    if (first === undefined) return []
    const isSame = others.every(({ fingerprint }) => fingerprint === first.fingerprint)
    return isSame ? [{ image, fingerprint: first.fingerprint }] : [first, ...others]
  })
}

function recordServer(server: ReadServer, desired: Desired, plan: Plan): SeenServer {
  const wanted = desired.servers.find(({ name }) => name === server.name)
  const planned = plan.servers.find(({ name }) => name === server.name)
  const changes = planned?.status === 'planned' ? planned.changes : []
  const names = new Set([
    ...(wanted?.images ?? []).flatMap((image) => image.aliases.map(({ name }) => name)),
    ...(wanted?.absent ?? []).flatMap(({ aliases }) => aliases),
    ...changes.flatMap((change) => ('alias' in change ? [change.alias] : [])),
  ])
  const fingerprints = new Set([
    ...(wanted?.images ?? []).map(({ fingerprint }) => fingerprint),
    ...changes.map(({ fingerprint }) => fingerprint),
  ])
  return {
    name: server.name,
    identity: server.identity,
    images: [...fingerprints]
      .sort()
      .map((fingerprint) => server.images.get(fingerprint))
      .filter((image) => image !== undefined)
      .map(recordImage),
    aliases: [...names]
      .sort()
      .map((name) => server.aliases.get(name))
      .filter((alias) => alias !== undefined)
      .map(({ name, target, description, etag }) => ({ name, target, description, etag: etag ?? null })),
  }
}

function recordImage(image: ObservedImage): SeenImage {
  return {
    fingerprint: image.fingerprint,
    etag: image.etag ?? null,
    public: image.public,
    expiresAt: image.expiresAt?.toISOString() ?? null,
    autoUpdate: image.autoUpdate,
    profiles: [...image.profiles].sort(),
    properties: { ...image.properties },
    aliases: [...image.aliases].sort(),
    inUse: image.inUse ?? null,
  }
}
