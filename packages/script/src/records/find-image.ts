import {
  ArgumentError,
  type Client,
  type Image,
  isHyperkitError,
  type Registry,
  type Simplestreams,
} from '@hyperkit/core'
import { isWholeFingerprint } from '@hyperkit/core/parts'
import { nearestName } from '@hyperkit/terminal/text'
import type { FindImageOptions } from './find-image-options.ts'
import { findStreamImage } from './find-stream-image.ts'
import { hostArchitecture } from './host-architecture.ts'
import { imageOfRegistry } from './image-of-registry.ts'
import { imageOfStream } from './image-of-stream.ts'

/**
 * The image that a command-line argument means: an alias if there is one, otherwise the beginning of a fingerprint. 64 hex
 * characters are always a fingerprint. If images of several architectures on a simplestreams server have the name, it means the
 * image for the architecture of this machine; on a registry, another one if there is none for it.
 *
 * @throws ArgumentError code `not-found`, with the nearest alias
 * @throws ServerError code `ambiguous`, if several fingerprints begin with it
 *
 * @example
 * ```ts
 * const image = await findImage(client, 'ubuntu/noble')
 * ```
 */
export async function findImage(
  client: Client<boolean> | Simplestreams | Registry,
  reference: string,
  { signal, vm = false }: FindImageOptions = {},
): Promise<Image> {
  if ('kind' in client) {
    refuseMachines(client, reference, vm)
    const architecture = hostArchitecture()
    return imageOfRegistry(await client.resolve(reference, { architecture, orAny: true, signal }))
  }
  if (!('images' in client)) return imageOfStream(await findStreamImage(client, reference, { signal, vm }))
  const image = await lookUp(client, reference, { signal })
  if (image === undefined) throw await missing(client, reference, signal)
  if (vm && image.type !== 'virtual-machine') {
    throw new ArgumentError(
      'image',
      `Cannot use image ${JSON.stringify(reference)} of "${client.name}": --vm needs an image of a virtual machine, and this one is of a container`,
      { server: client.name },
    )
  }
  return image
}

function refuseMachines({ name }: Registry, reference: string, vm: boolean): void {
  if (!vm) return
  throw new ArgumentError(
    'image',
    `Cannot use image ${JSON.stringify(reference)} of "${name}": --vm needs an image of a virtual machine, and those of registries are of containers only`,
    { server: name },
  )
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
