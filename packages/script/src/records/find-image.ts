import { ArgumentError, type Client, type Image, isHyperkitError, type Simplestreams } from '@hyperkit/core'
import { isWholeFingerprint } from '@hyperkit/core/parts'
import { nearestName } from '@hyperkit/terminal/text'
import type { FindImageOptions } from './find-image-options.ts'
import { findStreamImage } from './find-stream-image.ts'
import { imageOfStream } from './image-of-stream.ts'

/**
 * The image that a word on a command line means: an alias where there is one, else the beginning of a fingerprint. 64 hex
 * characters are always a fingerprint. On a simplestreams server a name that several architectures have means this machine's.
 *
 * @throws ArgumentError code `not-found`, with the nearest alias
 * @throws ServerError code `ambiguous`, where several fingerprints begin with it
 *
 * @example
 * ```ts
 * const image = await findImage(client, 'ubuntu/noble')
 * ```
 */
export async function findImage(
  client: Client<boolean> | Simplestreams,
  reference: string,
  { signal, vm = false }: FindImageOptions = {},
): Promise<Image> {
  if (!('images' in client)) return imageOfStream(await findStreamImage(client, reference, { signal, vm }))
  const image = await lookUp(client, reference, { signal })
  if (image === undefined) throw await missing(client, reference, signal)
  if (vm && image.type !== 'virtual-machine') {
    throw new ArgumentError(
      'image',
      `Cannot use image ${JSON.stringify(reference)} of "${client.name}": with --vm it must be of a virtual machine, and it is of a container`,
      { server: client.name },
    )
  }
  return image
}

async function lookUp(
  client: Client<boolean>,
  reference: string,
  call: { signal: AbortSignal | undefined },
): Promise<Image | undefined> {
  if (reference === '') return undefined
  if (isWholeFingerprint(reference.toLowerCase())) return client.images.find(reference, call)
  const alias = await client.aliases.find(reference, call)
  if (alias !== undefined) return client.images.find(alias.target, call)
  return /^[0-9a-f]{1,64}$/i.test(reference) ? client.images.find(reference, call) : undefined
}

async function missing(
  client: Client<boolean>,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<ArgumentError> {
  const names = await client.aliases.list({ signal }).catch((error: unknown) => {
    if (isHyperkitError(error)) return []
    throw error
  })
  const near = nearestName(
    reference,
    names.map(({ name }) => name),
  )
  const { stranger, reason } = await client.view({ signal })
  const shown = stranger ? `; ${reason}` : '; `list` shows what there is'
  const hint = near === undefined ? shown : `; did you mean ${JSON.stringify(near)}?`
  return new ArgumentError(
    'image',
    `Cannot find image ${JSON.stringify(reference)} on "${client.name}": no alias has this name, and no fingerprint begins with it${hint}`,
    { server: client.name, code: 'not-found' },
  )
}
