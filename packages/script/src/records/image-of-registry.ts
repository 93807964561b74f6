import type { Image, RegistryImage } from '@hyperkit/core'

/**
 * An image of a registry in the form of an image of a server: with the digest and the architectures as properties, and unknown fields left
 * empty. Its fingerprint is the one that Incus gives it.
 *
 * @example
 * ```ts
 * const registry = openRegistry('https://registry.example.org')
 * const find = async () => imageOfRegistry(await registry.resolve('library/alpine:3.20'))
 * ```
 */
export function imageOfRegistry(image: RegistryImage): Image {
  return {
    fingerprint: image.fingerprint,
    aliases: image.alias === undefined ? [] : [{ name: image.alias, description: '' }],
    properties: {
      architectures: [...new Set(image.architectures)].join(', '),
      digest: image.digest,
      type: 'oci',
    },
    public: true,
    autoUpdate: false,
    cached: false,
    architecture: image.architecture,
    type: 'container',
    filename: '',
    size: image.size,
    profiles: [],
    createdAt: image.createdAt,
    uploadedAt: image.createdAt,
    lastUsedAt: undefined,
    expiresAt: undefined,
    updateSource: undefined,
    locations: undefined,
    project: undefined,
    etag: undefined,
  }
}
