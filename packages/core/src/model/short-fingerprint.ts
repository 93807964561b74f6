/**
 * The first 12 characters of a fingerprint, as messages and tables show it.
 *
 * @example
 * ```ts
 * for (const { fingerprint } of await client.images.list()) console.log(shortFingerprint(fingerprint))
 * ```
 */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, 12)
}
