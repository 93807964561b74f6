import { basename } from 'node:path'
import { replaceFile } from '@hyperkit/files/parts'
import type { Lockfile } from '../../documents/lock-file.ts'
import { renderLockfile } from './render-lockfile.ts'

/**
 * Writes a lock file whole or not at all.
 *
 * @param manifests paths of the manifests, whose names its first line has
 * @throws {HyperkitError} `file-unwritable`
 */
export async function writeLockfile(
  path: string,
  lockfile: Lockfile,
  manifests: readonly string[],
): Promise<void> {
  await replaceFile(path, renderLockfile(lockfile, manifests.map((each) => basename(each)).join(', ')))
}
