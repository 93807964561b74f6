import { UnsupportedError } from '../errors/errors.ts'
import type { Registry } from '../registries/registry.ts'
import type { CopySource } from './copy-source.ts'

/** A registry of OCI images as the source of copies. */
export function registrySource(registry: Registry): CopySource {
  const why = 'it is an image of a registry, which only a server itself can download and unpack'
  return {
    name: registry.name,
    async find(reference, { signal, imageType, target, to }) {
      if (imageType === 'virtual-machine')
        throw new UnsupportedError(
          `Cannot copy image ${JSON.stringify(reference)} of "${registry.name}" as a virtual machine: images of registries are of containers only`,
          { server: registry.name },
        )
      const { fingerprint, alias, pinned, size } = await registry.resolve(reference, {
        server: { name: to, architectures: target.architectures },
        signal,
      })
      return {
        fingerprint,
        alias,
        pinned,
        size,
        type: 'container',
        public: false,
        readable: true,
        properties: undefined,
        expiresAt: undefined,
        filename: '',
        aliases: [],
      }
    },
    offer: async () => ({ urls: [registry.url], protocol: 'oci' }),
    pullsOnly: () => why,
    async open() {
      throw new UnsupportedError(`Cannot read an image of "${registry.name}": ${why}`, {
        server: registry.name,
      })
    },
  }
}
