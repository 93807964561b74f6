import type { ServerContext } from '../../call/context.ts'
import { etagOf } from '../../json/go-json.ts'
import type { ImageRecord } from '../../records/records.ts'

/** The image as the API shows it. */
export function renderImage(server: ServerContext, image: ImageRecord): Record<string, unknown> {
  const aliases = server.aliases
    .values()
    .filter((alias) => alias.project === image.project && alias.target === image.fingerprint)
    .map(({ name, description }) => ({ name, description }))
  return {
    auto_update: image.autoUpdate,
    properties: image.properties,
    public: image.public,
    expires_at: image.expiresAt,
    profiles: image.profiles,
    aliases,
    architecture: image.architecture,
    cached: image.cached,
    filename: image.filename,
    fingerprint: image.fingerprint,
    size: image.size,
    ...renderSource(server, image),
    type: image.type,
    created_at: image.createdAt,
    last_used_at: image.lastUsedAt,
    uploaded_at: image.uploadedAt,
    ...(server.dialect.imageHasProject ? { project: image.project } : {}),
    ...(server.dialect.imageLocations
      ? { locations: server.cluster?.locationsOf(image.fingerprint) ?? ['none'] }
      : {}),
  }
}

function renderSource(
  { dialect }: ServerContext,
  { updateSource: source }: ImageRecord,
): Record<string, unknown> {
  if (source === undefined) return {}
  const { alias, certificate, protocol, server, imageType } = source
  const registry = dialect.sourceHasRegistry ? { image_registry: '' } : {}
  return { update_source: { alias, certificate, protocol, server, image_type: imageType, ...registry } }
}

/** Covers `public`, `auto_update` and `properties` only (T13). */
export function imageEtag(image: ImageRecord): string {
  return etagOf([image.public, image.autoUpdate, image.properties])
}
