import type { Image } from '@hyperkit/core'
import { isLockAlias } from '../ownership/lock-alias.ts'
import type { ObservedImage } from './observed.ts'

/** An image as a plan sees it, without the locks of running commands. */
export function describeImage(image: Image): ObservedImage {
  const aliases = image.aliases.filter(({ name }) => !isLockAlias(name))
  return {
    fingerprint: image.fingerprint,
    size: image.size,
    public: image.public,
    properties: image.properties,
    expiresAt: image.expiresAt,
    autoUpdate: image.autoUpdate,
    ...(image.updateSource?.protocol === 'oci' ? { registryName: image.updateSource.alias } : {}),
    profiles: image.profiles,
    aliases: aliases.map(({ name }) => name),
    descriptions: Object.fromEntries(aliases.map(({ name, description }) => [name, description])),
    cached: image.cached,
    etag: image.etag,
    inUse: undefined,
  }
}
