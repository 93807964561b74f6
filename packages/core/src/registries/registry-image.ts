import { createSha256 } from '../bytes/sha256.ts'

/** An image of a registry, for one architecture. */
export interface RegistryImage {
  /** The name without its digest, `library/alpine:3.20`; undefined if it was asked for by a digest alone. */
  alias: string | undefined
  /** The name with its digest, by which a server downloads exactly this content: `library/alpine@sha256:…`. */
  pinned: string
  /** Of the index of all architectures, or of the only manifest: `sha256:…`. */
  digest: string
  /** What Incus 7.0.2 and newer calls it: the SHA-256 of the digests of its layers, not of its content (T36). 64 hex. */
  fingerprint: string
  /** The kernel's name, `x86_64`. */
  architecture: string
  /** All that the name is there for. */
  architectures: readonly string[]
  /** Bytes of its layers, compressed as they are in the registry. */
  size: number
  createdAt: Date | undefined
}

/**
 * The fingerprint that Incus gives to an image of a registry: the SHA-256 of the digests of its layers, as one text without separators.
 *
 * @example
 * ```ts
 * import { fingerprintOfLayers } from '@hyperkit/core/parts'
 *
 * console.log(fingerprintOfLayers([`sha256:${'0'.repeat(64)}`]).length) // 64
 * ```
 */
export function fingerprintOfLayers(digests: readonly string[]): string {
  const hash = createSha256()
  hash.update(new TextEncoder().encode(digests.join('')))
  return hash.digest('hex')
}
