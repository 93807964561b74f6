import { type Client, copyImage } from '@hyperkit/core'
import type { CopyImage } from '../documents/plan.ts'
import type { CreationOptions } from './apply-change-options.ts'
import { propertiesOf } from './properties-of.ts'
import { updateFields } from './update-fields.ts'

/**
 * Copies an image from another server of the manifest: downloaded by this one, else sent by that one, else through this
 * process. It keeps what it has there; the marks of its owner there give way to this manifest's at once.
 */
export async function copyContent(
  client: Client,
  change: CopyImage,
  options: CreationOptions,
): Promise<void> {
  const { signal, onProgress, onWarning, open } = options
  const source = await open(change.from.server)
  await copyImage(source, client, change.fingerprint, {
    properties: propertiesOf(change.fields),
    signal,
    onWarning,
    onProgress: onProgress && ((progress) => progress.stage !== 'metadata' && onProgress(progress)),
  })
  await updateFields(client, { ...change, etag: null }, options)
}
