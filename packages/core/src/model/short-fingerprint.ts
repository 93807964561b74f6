/**
 * The 12 characters by which messages and tables call an image or a certificate.
 *
 * @example
 * ```ts
 * for (const { fingerprint } of await client.images.list()) console.log(shortFingerprint(fingerprint))
 * ```
 */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, 12)
}
