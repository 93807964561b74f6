import { FingerprintMismatchError } from '@hyperkit/core'
import type { InspectedFile } from '../disk/inspect-file.ts'

/** Files that are not what they were to be. */
export function notExpected(
  files: readonly InspectedFile[],
  expected: string,
  actual: string,
): FingerprintMismatchError {
  const names = files.map(({ path }) => JSON.stringify(path)).join(' and ')
  return new FingerprintMismatchError(
    `Cannot upload ${names}: its fingerprint is ${actual}, not the expected ${expected}`,
    { expected, actual },
  )
}
