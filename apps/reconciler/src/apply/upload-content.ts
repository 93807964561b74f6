import type { Client } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import type { UploadImage } from '../plan/plan.ts'
import type { ImageFiles } from '../sources/content.ts'
import type { ApplyChangeOptions } from './apply-change-options.ts'
import { findFilename } from './find-filename.ts'
import { updateFields } from './update-fields.ts'

/**
 * Sends an image under the fingerprint of the plan: a file that changed since then is refused. It arrives without aliases
 * and without properties: an alias that is taken fails the whole creation and leaves the image, and a properties header
 * on an archive that has none ends the daemon. So they follow, each as a step of its own.
 */
export async function uploadContent(
  client: Client,
  change: UploadImage,
  { signal, onProgress }: ApplyChangeOptions,
): Promise<void> {
  await uploadImage(client, pathsOf(change.files), {
    sha256: change.fingerprint,
    filename: findFilename(change.fields),
    signal,
    onProgress: (progress) => {
      if (progress.stage !== 'fingerprint') onProgress?.(progress)
    },
  })
  await updateFields(client, { ...change, etag: null }, { signal })
}

function pathsOf(files: ImageFiles): Parameters<typeof uploadImage>[1] {
  if (files.kind === 'unified') return files.file
  const { metadata, rootfs, type } = files
  return { metadata, rootfs, type }
}
