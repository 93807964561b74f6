import { relayed } from '../model/progress.ts'
import type { CopyJob } from './copy-job.ts'

/**
 * This process reads the image from the source and sends it to the target as it comes; nothing of it is kept. The target
 * refuses bytes that do not have the fingerprint.
 */
export async function relayImage({ from, target, image, options, ...job }: CopyJob): Promise<void> {
  const { signal, onProgress, onWarning } = options
  const opened = await from.open(image, signal)
  try {
    await target.images.upload(opened.source, {
      fingerprint: image.fingerprint,
      public: job.attributes.public,
      signal,
      onWarning,
      onProgress: onProgress && ((progress) => onProgress(relayed(progress))),
      sync: true,
    })
  } catch (error) {
    signal?.throwIfAborted()
    // What broke off at the source looks at the target as if the client had gone.
    throw opened.failure() ?? error
  } finally {
    opened.close()
  }
}
