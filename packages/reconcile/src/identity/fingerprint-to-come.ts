/**
 * The prefix of a placeholder for the fingerprint of an image that has not been made yet.
 */
const prefix = 'after-apply:'

/**
 * The placeholder for the fingerprint of an image that an apply will make: the server that makes it, and what it is made from.
 * Equal placeholders mean the same image, on every server that gets it.
 */
export function fingerprintToCome(server: string, madeFrom: string): string {
  return `${prefix}${server}/${madeFrom}`
}

/** Whether this is a fingerprint and not a placeholder. */
export function isKnown(fingerprint: string): boolean {
  return !fingerprint.startsWith(prefix)
}

/** A fingerprint in JSON documents: 64 hex characters, or a placeholder. */
export const fingerprintPattern = /^([0-9a-f]{64}|after-apply:.+)$/
