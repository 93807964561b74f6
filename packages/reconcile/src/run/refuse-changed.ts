import { isDeepStrictEqual } from 'node:util'
import { HyperkitError } from '@hyperkit/core'
import { type LoadedManifest, loadManifest } from '../manifest/load-manifest.ts'

/**
 * Reads a manifest again before something is pruned late: one that was changed during the run may keep what this one would delete.
 *
 * @throws {HyperkitError} `precondition-failed`
 */
export async function refuseChanged({ paths, files }: LoadedManifest): Promise<void> {
  const now = await loadManifest(paths)
  if (isDeepStrictEqual(now.files, files)) return
  throw new HyperkitError(
    'precondition-failed',
    'the manifest was changed after this was planned; plan again',
  )
}
