import { FingerprintMismatchError } from '@hyperkit/core'
import type { InspectedFile } from '../disk/inspect-file.ts'

/** The error for files that do not have the expected fingerprint. */
export function notExpected(
  files: readonly InspectedFile[],
  expected: string,
  actual: string,
): FingerprintMismatchError {
  const names = files.map(({ path }) => JSON.stringify(path)).join(' and ')
  return new FingerprintMismatchError(
    `Cannot upload ${names}: the fingerprint is ${actual}, not the expected ${expected}`,
    { expected, actual },
  )
}
