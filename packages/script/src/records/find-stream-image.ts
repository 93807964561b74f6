import type { Simplestreams, StreamImage } from '@hyperkit/core'
import type { FindImageOptions } from './find-image-options.ts'
import { hostArchitecture } from './host-architecture.ts'

/**
 * The image that a command-line argument means on a simplestreams server. If images of several architectures have the name, it
 * means the image for the architecture of this machine.
 *
 * @throws ServerError codes `not-found`, `ambiguous`
 *
 * @example
 * ```ts
 * const streams = openSimplestreams('https://streams.example.org')
 * const find = () => findStreamImage(streams, 'alpine/edge')
 * ```
 */
export function findStreamImage(
  streams: Simplestreams,
  reference: string,
  { signal, vm = false }: FindImageOptions = {},
): Promise<StreamImage> {
  const isFingerprint = /^[0-9a-f]{6,64}$/i.test(reference)
  return streams.resolve(reference, {
    type: vm ? 'virtual-machine' : undefined,
    architecture: isFingerprint ? undefined : hostArchitecture(),
    signal,
  })
}
