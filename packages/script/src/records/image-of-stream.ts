import type { Image, StreamImage } from '@hyperkit/core'

/**
 * An image of a simplestreams server in the form of an image of a server: public, with unknown fields left empty.
 *
 * @example
 * ```ts
 * const streams = openSimplestreams('https://streams.example.org')
 * for (const image of await streams.list()) console.log(imageOfStream(image).fingerprint)
 * ```
 */
export function imageOfStream(image: StreamImage): Image {
  return {
    fingerprint: image.fingerprint,
    aliases: image.aliases.map((name) => ({ name, description: '' })),
    properties: image.properties,
    public: true,
    autoUpdate: false,
    cached: false,
    architecture: image.architecture,
    type: image.type,
    filename: image.filename,
    size: image.size,
    profiles: [],
    createdAt: image.createdAt,
    uploadedAt: image.createdAt,
    lastUsedAt: undefined,
    expiresAt: image.expiresAt,
    updateSource: undefined,
    locations: undefined,
    project: undefined,
    etag: undefined,
  }
}
