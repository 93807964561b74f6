import { ConflictError, NotFoundError } from '../errors/errors.ts'
import type { ImageType } from '../model/image.ts'
import { architectureName } from './architecture-names.ts'
import type { StreamImage } from './stream-image.ts'

/** Which one of several that bear a name. */
export interface ResolveOptions {
  /** @default a container where there is one, else a virtual machine */
  type?: ImageType | undefined
  /** `x86_64` or `amd64`; needed where a name without one means images of several. */
  architecture?: string | undefined
  /** Prefers what this kind of server would download itself, where LXD and Incus have files of their own. */
  dialect?: 'lxd' | 'incus' | undefined
}

/**
 * The image that a name means, or that a fingerprint begins with.
 *
 * @throws {NotFoundError} no image is called so, or none is there for this architecture and type
 * @throws {ConflictError} `ambiguous`, if several fit
 */
export function resolveImage(
  images: readonly StreamImage[],
  stream: string,
  reference: string,
  options: ResolveOptions = {},
): StreamImage {
  const action = `Cannot find image ${JSON.stringify(reference)} on "${stream}"`
  const missing = (why: string): NotFoundError => new NotFoundError(`${action}: ${why}`, { server: stream })
  const several = (why: string): ConflictError =>
    new ConflictError('ambiguous', `${action}: ${why}`, { server: stream })
  const named = images.filter(({ aliases }) => aliases.includes(reference))
  const found = named.length > 0 ? named : images.filter(beginsWith(reference))
  if (found.length === 0) throw missing('no alias is called so, and no fingerprint begins so')
  const { dialect } = options
  const architecture =
    options.architecture === undefined
      ? undefined
      : (architectureName(options.architecture) ?? options.architecture)
  // A whole name says the architecture itself: it is that of one product.
  const says = (image: StreamImage): boolean => reference.endsWith(`/${image.properties.architecture}`)
  const here = found.filter(
    (image) => architecture === undefined || image.architecture === architecture || says(image),
  )
  if (here.length === 0)
    throw missing(`it is there for ${listed(found, 'architecture')}, not for ${architecture}`)
  if (new Set(here.map((image) => image.architecture)).size > 1)
    throw several(`it is there for ${listed(here, 'architecture')}; give the architecture`)
  const type =
    options.type ?? (here.some((image) => image.type === 'container') ? 'container' : 'virtual-machine')
  const fitting = here.filter((image) => image.type === type)
  if (fitting.length === 0) throw missing(`it is a ${listed(here, 'type')}, not a ${type}`)
  const [first] = [
    ...fitting.filter((image) => dialect !== undefined && image.readBy.includes(dialect)),
    ...fitting,
  ]
  const rivals = options.type === undefined ? here : fitting
  if (first === undefined || (named.length === 0 && rivals.length > 1))
    throw several(`${rivals.length} fingerprints begin so`)
  return first
}

function beginsWith(reference: string): (image: StreamImage) => boolean {
  const prefix = reference.toLowerCase()
  const isHex = /^[0-9a-f]{1,64}$/.test(prefix)
  return ({ fingerprint }) => isHex && fingerprint.startsWith(prefix)
}

function listed(images: readonly StreamImage[], key: 'architecture' | 'type'): string {
  return [...new Set(images.map((image) => image[key]))].sort().join(', ')
}
