/**
 * What stands for the fingerprint of an image that nobody knows before it is made: the server that makes it, and what it
 * makes it from. The same text is the same image, on every server that gets it.
 */
const prefix = 'after-apply:'

export function fingerprintToCome(server: string, madeFrom: string): string {
  return `${prefix}${server}/${madeFrom}`
}

/** Whether a fingerprint is one, and not the promise of one. */
export function isKnown(fingerprint: string): boolean {
  return !fingerprint.startsWith(prefix)
}

/** Of JSON documents: 64 hex, or the promise of a fingerprint. */
export const fingerprintPattern = /^([0-9a-f]{64}|after-apply:.+)$/
