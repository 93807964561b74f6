import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeFailure } from '../disk/disk-failure.ts'
import { findPlace } from './find-place.ts'

/**
 * Checks before the work that its result can be written to a path.
 *
 * @param action what will be done with the path, for the error; `write` by default
 * @throws HyperkitError `file-unwritable`
 */
export async function checkPlace(path: string, action?: string): Promise<void> {
  const place = await findPlace(path, action)
  if (place.kind !== 'file') return
  await access(dirname(place.path), constants.W_OK).catch((error: unknown) => {
    throw writeFailure(path, error, '', action)
  })
}
