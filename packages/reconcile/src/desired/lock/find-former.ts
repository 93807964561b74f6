import type { Lockfile } from '../../documents/lock-file.ts'
import type { ManifestImage } from '../../manifest/manifest.ts'
import type { DesiredServer } from '../desired.ts'
import { contentFor } from './lockfile.ts'

/**
 * The contents that the lock file or a `sha256` of the manifest names for the images of a server, and that are not wanted there now, because
 * the source has changed. A killed run may have left such an image without an owner.
 */
export function findFormer(
  server: DesiredServer,
  images: readonly ManifestImage[],
  lockfile: Lockfile | undefined,
): NonNullable<DesiredServer['former']> {
  const names = new Set([
    ...server.images.flatMap((image) => image.names),
    ...(server.unresolved ?? []).map(({ name }) => name),
  ])
  const locked = (lockfile?.images ?? []).map((image) => ({
    name: image.name,
    fingerprint: contentFor(image, server.name).fingerprint,
  }))
  const stated = images.flatMap((image) => {
    const sha256 = image.state === 'present' && 'sha256' in image.source ? image.source.sha256 : undefined
    return sha256 === undefined ? [] : [{ name: image.name, fingerprint: sha256 }]
  })
  const wanted = new Set(server.images.map(({ fingerprint }) => fingerprint))
  const former = [...locked, ...stated].filter(
    ({ name, fingerprint }) => names.has(name) && !wanted.has(fingerprint),
  )
  return [...new Map(former.map((each) => [each.fingerprint, each])).values()]
}
