import { ArgumentError } from '@hyperkit/core'

/**
 * Requires the manifest of a plan: only the manifest says how servers and sources are reached. The types require it too; this
 * is for callers in JavaScript.
 *
 * @param what completes the sentence `Cannot …`
 * @throws {ArgumentError} if the manifest is missing
 */
export function requireManifest<Given>(manifest: Given | undefined, what: string): Given {
  if (manifest !== undefined && manifest !== null) return manifest
  throw new ArgumentError(
    'manifest',
    `Cannot ${what} without its manifest: pass { manifest }, the result of loadManifest that the plan was made from`,
  )
}
