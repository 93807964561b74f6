import type { OperationError } from '../errors/errors.ts'

/** The ways in which servers say that they have the image already; the last two come of two uploads at once. */
const texts = [
  /^Image with same fingerprint already exists/,
  /^The image already exists: /,
  /UNIQUE constraint failed: images\.project_id, images\.fingerprint/,
]

export function isDuplicate(error: OperationError): boolean {
  return texts.some((text) => text.test(error.operation.error))
}

/** The fingerprint that an operation names, also many a failed one. */
export function fingerprintOfOperation(metadata: Record<string, unknown>): string | undefined {
  const { fingerprint } = metadata
  return typeof fingerprint === 'string' && /^[0-9a-f]{64}$/.test(fingerprint) ? fingerprint : undefined
}
