import { ConflictError, NotFoundError } from '../errors/errors.ts'
import type { ImageType } from '../model/image.ts'
import { architectureName } from './architecture-names.ts'
import type { StreamImage } from './stream-image.ts'

/** Which image to choose if a name stands for several. */
export interface ResolveOptions {
  /** @default a container if there is one, else a virtual machine */
  type?: ImageType | undefined
  /** `x86_64` or `amd64`; needed if the name stands for images of several architectures. */
  architecture?: string | undefined
  /** Prefers the files that this kind of server would download, if LXD and Incus have separate files. */
  dialect?: 'lxd' | 'incus' | undefined
}

/**
 * The image that a name stands for, or whose fingerprint begins with the reference.
 *
 * @throws {NotFoundError} if no image has this name, or none for this architecture and type
 * @throws {ConflictError} `ambiguous`, if several match
 */
export function resolveImage(
  images: readonly StreamImage[],
  stream: string,
  reference: string,
  options: ResolveOptions & { leftOut?: string | undefined } = {},
): StreamImage {
  const action = `Cannot find image ${JSON.stringify(reference)} on "${stream}"`
  const leftOut =
    options.leftOut === undefined ? '' : `; it may be among what was left out: ${options.leftOut}`
  const missing = (why: string): NotFoundError =>
    new NotFoundError(`${action}: ${why}${leftOut}`, { server: stream })
  const several = (why: string): ConflictError =>
    new ConflictError('ambiguous', `${action}: ${why}`, { server: stream })
  const named = images.filter(({ aliases }) => aliases.includes(reference))
  const found = named.length > 0 ? named : images.filter(beginsWith(reference))
  if (found.length === 0) throw missing('no alias has this name, and no fingerprint begins with it')
  const { dialect } = options
  const architecture =
    options.architecture === undefined
      ? undefined
      : (architectureName(options.architecture) ?? options.architecture)
  // A full name includes the architecture, and belongs to one product.
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
    throw several(`${rivals.length} fingerprints begin with it`)
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
