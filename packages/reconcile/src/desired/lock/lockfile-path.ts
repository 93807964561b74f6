import { stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The path of the lock file of a manifest: `images.lock.yaml` next to `images.yaml`, or `images.lock.yaml` in a folder. If the
 * manifest has several files, the first one gives the name.
 */
export async function lockfilePath(paths: readonly string[]): Promise<string> {
  const [first = 'images.yaml'] = paths
  const isFolder = await stat(first).then(
    (found) => found.isDirectory(),
    () => false,
  )
  return isFolder ? join(first, 'images.lock.yaml') : `${first.replace(/\.ya?ml$/, '')}.lock.yaml`
}
