import { readFile } from 'node:fs/promises'
import { HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import type { ReadLockfile } from './lockfile.ts'
import { parseLockfile } from './parse-lockfile.ts'

/**
 * Reads a lock file; undefined if there is none.
 *
 * @throws {ManifestError} with all mistakes in it
 * @throws {HyperkitError} `file-unreadable`
 */
export async function readLockfile(path: string): Promise<ReadLockfile | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    const reason = messageOf(cause)
    throw new HyperkitError('file-unreadable', `Cannot read lock file "${path}": ${reason}`, { cause })
  }
  return parseLockfile(path, text)
}
