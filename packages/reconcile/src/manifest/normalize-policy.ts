import type { ImageAttributes, Manifest, ManifestImage } from './manifest.ts'
import { type Policy, readMaxSize, readPattern } from './policy.ts'
import type { WrittenPolicy } from './policy-schema.ts'

/** @param folder absolute; paths of patterns are relative to it */
export function normalizePolicy(written: WrittenPolicy, folder: string): Policy {
  const { sources, requireSha256 = false, maxSize, forbidPublic = false } = written
  return {
    ...(sources === undefined ? {} : { sources: sources.map((each) => readPattern(each, folder)) }),
    requireSha256,
    ...(maxSize === undefined ? {} : { maxSize: readMaxSize(maxSize) }),
    forbidPublic,
  }
}

/**
 * Fills in what a policy implies for images that do not say otherwise: with `forbidPublic` they are private, also those that somebody has
 * made public on a server; with `requireSha256` no server refreshes them by itself.
 */
export function applyPolicy(manifest: Manifest): Manifest {
  const { policy, images } = manifest
  if (policy === undefined) return manifest
  return {
    ...manifest,
    images: images.map((image): ManifestImage => {
      if (image.state === 'absent') return image
      const { overrides } = image
      const own = Object.entries(overrides ?? {}).map(
        ([server, override]) => [server, fillIn(override, policy)] as const,
      )
      return {
        ...fillIn(image, policy),
        ...(overrides === undefined ? {} : { overrides: Object.fromEntries(own) }),
      }
    }),
  }
}

function fillIn<Attributes extends ImageAttributes>(given: Attributes, policy: Policy): Attributes {
  return {
    ...given,
    ...(policy.forbidPublic ? { public: given.public ?? false } : {}),
    ...(policy.requireSha256 ? { autoUpdate: given.autoUpdate ?? false } : {}),
  }
}
