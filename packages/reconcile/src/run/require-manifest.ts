import { ArgumentError } from '@hyperkit/core'

/**
 * How servers and sources are reached stands in the manifest alone, so nothing can be done without it.
 *
 * @param what as in `Cannot …`
 * @throws {ArgumentError} if there is none, for callers that no compiler has told
 */
export function requireManifest<Given>(manifest: Given | undefined, what: string): Given {
  if (manifest !== undefined && manifest !== null) return manifest
  throw new ArgumentError(
    'manifest',
    `Cannot ${what} without its manifest: pass { manifest }, what loadManifest gave for the plan`,
  )
}
