import { imageOn } from '../manifest/image-on.ts'
import type { Manifest, PresentImage } from '../manifest/manifest.ts'
import type { Policy } from '../manifest/policy.ts'
import type { Desired, DesiredImage } from './desired.ts'

/** An alias on a server, and the image that it points at. */
export interface NamedContent {
  alias: string
  description: string
  fingerprint: string
  /** Bytes. */
  size: number
}

/** Which images are copied from which server to which others. */
export interface Promotion {
  from: string
  to: readonly string[]
  images: readonly PresentImage[]
}

/**
 * The desired state of a promotion: the target servers have the same images under the same names as the server that they are
 * promoted from, whatever sources the manifest has. All other attributes come with the copy; an image that a target already
 * has stays unchanged.
 *
 * @param contents what the names point at on the server that they are promoted from
 */
export function desirePromotion(
  { file, name: owner, servers, policy }: Manifest,
  { from, to, images }: Promotion,
  contents: readonly NamedContent[],
): Desired {
  return {
    manifest: { file, name: owner },
    policy,
    servers: servers
      .filter(({ name }) => to.includes(name))
      .map(({ name: server }) => ({
        name: server,
        images: joinContents(
          images
            .filter((image) => image.servers.includes(server))
            .flatMap((image) => desireImage(image, server, from, contents))
            .map((image) => ({ ...image, ...impliedBy(policy) })),
        ),
        absent: [],
      })),
  }
}

/** What a policy implies for every image. */
function impliedBy(policy: Policy | undefined): Partial<DesiredImage> {
  return {
    ...(policy?.forbidPublic === true ? { public: false } : {}),
    ...(policy?.requireSha256 === true ? { autoUpdate: false } : {}),
  }
}

/** One image for each alias, since the aliases of an image may point at different images on that server. */
function desireImage(
  image: PresentImage,
  server: string,
  from: string,
  contents: readonly NamedContent[],
): DesiredImage[] {
  return imageOn(image, server).aliases.flatMap(({ name, description }) => {
    const content = contents.find(({ alias }) => alias === name)
    if (content === undefined) return []
    const { fingerprint, size } = content
    return [
      {
        names: [image.name],
        fingerprint,
        size,
        origin: { kind: 'copy', server: from, depth: 0 },
        aliases: [{ name, description }],
        public: undefined,
        properties: {},
        expiresAt: undefined,
      },
    ]
  })
}

function joinContents(images: readonly DesiredImage[]): DesiredImage[] {
  const joined = new Map<string, DesiredImage>()
  for (const image of images) {
    const before = joined.get(image.fingerprint)
    joined.set(
      image.fingerprint,
      before === undefined
        ? image
        : {
            ...before,
            names: [...new Set([...before.names, ...image.names])],
            aliases: [...before.aliases, ...image.aliases],
          },
    )
  }
  return [...joined.values()]
}
