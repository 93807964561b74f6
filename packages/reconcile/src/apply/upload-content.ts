import type { Client, Progress } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import type { UploadImage } from '../documents/plan.ts'
import { fingerprintFolder } from '../sources/download-folder.ts'
import type { CreationOptions } from './apply-change-options.ts'
import { findFilename } from './find-filename.ts'
import { pathsOf } from './paths-of.ts'
import { propertiesOf } from './properties-of.ts'
import { updateFields } from './update-fields.ts'

/**
 * Uploads an image under the fingerprint of the plan, so that a file that changed since then is refused. The image has its properties,
 * and so its owner, from the first moment. It gets no aliases with the upload: one that exists fails the creation but leaves the
 * image (T6).
 */
export async function uploadContent(
  client: Client,
  change: UploadImage,
  { signal, onProgress, onWarning, uploads, isNew }: CreationOptions,
): Promise<void> {
  const options = {
    filename: findFilename(change.fields),
    properties: propertiesOf(change.fields),
    signal,
    isNew,
    onWarning,
    onProgress: (progress: Progress) => {
      if (progress.stage !== 'fingerprint') onProgress?.(progress)
    },
  }
  const shared = uploads.find(change)
  const image =
    shared === undefined
      ? await uploadImage(client, pathsOf(change.files), {
          ...options,
          sha256: change.fingerprint,
          cache: fingerprintFolder(),
        })
      : await shared.upload(client, options)
  await updateFields(client, { ...change, etag: null }, { signal, now: image })
}
