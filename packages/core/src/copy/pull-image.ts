import { FingerprintMismatchError } from '../errors/errors.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import type { CopyJob } from './copy-job.ts'
import { findReachable } from './find-reachable.ts'
import { tokenOf } from './one-time-token.ts'

/** The target downloads the image from the source; it needs a secret only if the image is private. */
export async function pullImage({ from, target, image, options, ...job }: CopyJob): Promise<void> {
  const { signal, autoUpdate, imageType, onProgress, onWarning } = options
  const { urls, ...offered } = await from.offer(image, await target.server({ signal }), signal)
  const offer = { ...offered, certificate: options.certificate ?? offered.certificate }
  const action = `Cannot have "${target.name}" download from the source: it cannot reach the source`
  const trial = { action, patience: job.patience, signal, onWarning }
  // A trial would be a second request to a registry that counts them, and its programs end by themselves if it does not answer.
  const [first = ''] = urls
  const url = image.pinned === undefined ? await findReachable(target, { urls, ...offer }, trial) : first
  const token = image.readable || image.secret !== undefined ? undefined : await tokenOf(from, image, signal)
  try {
    const made = await target.images.createFromRemote(url, {
      // To look for updates itself, the target must know the alias.
      ...(autoUpdate && image.alias !== undefined
        ? { alias: image.alias, imageType: imageType ?? image.type }
        : image.pinned !== undefined
          ? { alias: image.pinned }
          : { fingerprint: image.fingerprint, secret: image.secret ?? token?.secret }),
      ...offer,
      public: job.attributes.public,
      filename: image.filename,
      properties: options.properties,
      autoUpdate,
      signal,
      onProgress,
      onWarning,
      sync: true,
    })
    if (made.fingerprint !== image.fingerprint) throw moved(target.name, image.fingerprint, made.fingerprint)
  } finally {
    await token?.end()
  }
}

function moved(server: string, expected: string, actual: string): FingerprintMismatchError {
  return new FingerprintMismatchError(
    `Cannot copy image ${shortFingerprint(expected)} to "${server}" by its alias: the alias now points at ${shortFingerprint(actual)}, which the server has downloaded instead; copy it again`,
    { server, expected, actual },
  )
}
