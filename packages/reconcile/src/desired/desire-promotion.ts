import { imageOn } from '../manifest/image-on.ts'
import type { Manifest, PresentImage } from '../manifest/manifest.ts'
import type { Desired, DesiredImage } from './desired.ts'

/** An alias of a server with the size of what it names. */
export interface NamedContent {
  alias: string
  description: string
  fingerprint: string
  /** Bytes. */
  size: number
}

/** Which images go from which server to which. */
export interface Promotion {
  from: string
  to: readonly string[]
  images: readonly PresentImage[]
}

/**
 * Names of images on some servers as they are on another one, whatever the manifest has as their source. What the images
 * are like otherwise comes with the copy; an image that is there already stays as it is.
 *
 * @param contents what the names mean on the server that they are taken from
 */
export function desirePromotion(
  { file, name: owner, servers }: Manifest,
  { from, to, images }: Promotion,
  contents: readonly NamedContent[],
): Desired {
  return {
    manifest: { file, name: owner },
    servers: servers
      .filter(({ name }) => to.includes(name))
      .map(({ name: server }) => ({
        name: server,
        images: joinContents(
          images
            .filter((image) => image.servers.includes(server))
            .flatMap((image) => desireImage(image, server, from, contents)),
        ),
        absent: [],
      })),
  }
}

/** One for each content: not all names of an image need mean the same there. */
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
        ...{ public: undefined, properties: {}, expiresAt: undefined },
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
