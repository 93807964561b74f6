import type { DesiredImage } from '../desired/desired.ts'
import type { ObservedImage, ReadServer } from '../observed/observed.ts'
import { explainRegistryProperty, isOfRegistry } from '../ownership/registry-property.ts'

/** What the image of a registry cannot be on a server, and what to do about it; undefined for any other image. */
export function findRegistryRule(wanted: DesiredImage, { images, dialect }: ReadServer): string | undefined {
  const image = images.get(wanted.fingerprint)
  const ofRegistry = image === undefined ? wanted.ofRegistry === true : isOfRegistry(image.properties)
  if (!ofRegistry) return undefined
  if (image === undefined && dialect === 'lxd')
    return 'it comes from a registry of OCI images, so its fingerprint is not that of its content, and LXD accepts no such image; take this server out of its servers, or use a server of Incus'
  return explainRegistryProperty(wanted.properties) ?? explainUpdates(wanted, image)
}

/** Servers look for updates under the name by which they downloaded the image. */
function explainUpdates(
  { autoUpdate, origin }: DesiredImage,
  image: ObservedImage | undefined,
): string | undefined {
  if (autoUpdate !== true) return undefined
  const rule = 'which always names the same image, so "autoUpdate" would update nothing'
  if (image !== undefined)
    return image.registryName?.includes('@') === true
      ? `the server downloaded it as "${image.registryName}", ${rule}; delete it there, so that it is downloaded by its tag, or set "autoUpdate: false"`
      : undefined
  return origin.kind === 'remote' && origin.alias?.includes('@') === true
    ? `the manifest or its lock file has the server download it as "${origin.alias}", ${rule}; name it by a tag (and run "update" if there is a lock file), or set "autoUpdate: false"`
    : undefined
}
