import type { Image } from '@hyperkit/core'

/**
 * An image with the names and in the order of the API, as `incus image show` and `lxc image show` print it.
 *
 * @example
 * ```ts
 * console.log(renderJson(imageRecord(await client.images.getByAlias('ubuntu/noble'))))
 * ```
 */
export function imageRecord(image: Image): Record<string, unknown> {
  const source = image.updateSource
  return {
    auto_update: image.autoUpdate,
    properties: image.properties,
    public: image.public,
    ...(image.expiresAt === undefined ? {} : { expires_at: image.expiresAt.toISOString() }),
    profiles: image.profiles,
    aliases: image.aliases,
    architecture: image.architecture,
    cached: image.cached,
    filename: image.filename,
    fingerprint: image.fingerprint,
    size: image.size,
    ...(source === undefined
      ? {}
      : {
          update_source: {
            alias: source.alias,
            certificate: source.certificate,
            protocol: source.protocol,
            server: source.server,
            image_type: source.imageType,
          },
        }),
    type: image.type,
    ...(image.createdAt === undefined ? {} : { created_at: image.createdAt.toISOString() }),
    ...(image.lastUsedAt === undefined ? {} : { last_used_at: image.lastUsedAt.toISOString() }),
    ...(image.uploadedAt === undefined ? {} : { uploaded_at: image.uploadedAt.toISOString() }),
    ...(image.project === undefined ? {} : { project: image.project }),
    ...(image.locations === undefined ? {} : { locations: image.locations }),
  }
}
