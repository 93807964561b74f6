import { relayed } from '../model/progress.ts'
import type { CopyJob } from './copy-job.ts'

/**
 * This process reads the image from the source and sends it on to the target without keeping it. The target refuses bytes that do
 * not match the fingerprint.
 */
export async function relayImage({ from, target, image, options, ...job }: CopyJob): Promise<void> {
  const { signal, onProgress, onWarning } = options
  const opened = await from.open(image, signal)
  try {
    await target.images.upload(opened.source, {
      fingerprint: image.fingerprint,
      public: job.attributes.public,
      firstState: { kind: 'whole', ...job.attributes },
      signal,
      onWarning,
      onProgress: onProgress && ((progress) => onProgress(relayed(progress))),
      sync: true,
    })
  } catch (error) {
    signal?.throwIfAborted()
    // If the source fails, the target only sees a client that went away.
    throw opened.failure() ?? error
  } finally {
    opened.close()
  }
}
