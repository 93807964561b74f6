import { readFile } from 'node:fs/promises'
import { errorCode, writeFailure } from '../disk/disk-failure.ts'
import { findPlace } from './find-place.ts'

/**
 * The text of the file that a write to a path would replace; undefined if it would replace none. Devices and FIFOs are not read.
 *
 * @param action what will be done with the path, for the error; `write` by default
 * @throws HyperkitError `file-unwritable` if there is a file that cannot be read
 */
export async function readReplaced(path: string, action?: string): Promise<string | undefined> {
  const place = await findPlace(path, action)
  if (place.kind !== 'file' || place.found === undefined) return undefined
  return readFile(place.path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw writeFailure(path, error, '', action)
  })
}
