import type { Client, Progress } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import type { UploadImage } from '../documents/plan.ts'
import type { CreationOptions } from './apply-change-options.ts'
import { findFilename } from './find-filename.ts'
import { pathsOf } from './paths-of.ts'
import { updateFields } from './update-fields.ts'

/**
 * Sends an image under the fingerprint of the plan: a file that changed since then is refused. It arrives without aliases
 * and without properties: an alias that is taken fails the whole creation and leaves the image, and a properties header
 * on an archive that has none ends the daemon. So they follow, each as a step of its own.
 */
export async function uploadContent(
  client: Client,
  change: UploadImage,
  { signal, onProgress, onWarning, uploads }: CreationOptions,
): Promise<void> {
  const options = {
    filename: findFilename(change.fields),
    signal,
    onWarning,
    onProgress: (progress: Progress) => {
      if (progress.stage !== 'fingerprint') onProgress?.(progress)
    },
  }
  const shared = uploads.find(change)
  if (shared === undefined)
    await uploadImage(client, pathsOf(change.files), { ...options, sha256: change.fingerprint })
  else await shared.upload(client, options)
  await updateFields(client, { ...change, etag: null }, { signal })
}
