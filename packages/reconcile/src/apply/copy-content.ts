import { type Client, copyImage } from '@hyperkit/core'
import type { CopyImage } from '../documents/plan.ts'
import type { CreationOptions } from './apply-change-options.ts'
import { propertiesOf } from './properties-of.ts'
import { updateFields } from './update-fields.ts'

/**
 * Copies an image from another server of the manifest: this server downloads it, or that server sends it, or it goes through
 * this process. It keeps its attributes, except that this manifest's marks replace the marks of its owner there at once.
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
