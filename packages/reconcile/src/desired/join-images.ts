import { imageOn } from '../manifest/image-on.ts'
import type { PresentImage } from '../manifest/manifest.ts'
import type { Problem } from '../manifest/manifest-error.ts'
import type { Content, Origin } from '../sources/content.ts'
import type { DesiredImage } from './desired.ts'

/** An image of the manifest for one server, with its content known. */
export interface KnownImage {
  image: PresentImage
  server: string
  content: Content
}

/**
 * The images of each server. Two images of the manifest with the same content are one image on a server: their aliases and
 * properties are combined. If they want different values, that is a problem, since no run could satisfy both.
 */
export function joinImages(
  file: string,
  known: readonly KnownImage[],
  problems: Problem[],
): Map<string, DesiredImage[]> {
  const servers = new Map<string, DesiredImage[]>()
  const reported = new Set<string>()
  for (const { image: everywhere, server, content } of known) {
    const { fingerprint } = content
    const image = imageOn(everywhere, server)
    const images = servers.get(server) ?? []
    servers.set(server, images)
    const same = images.find((other) => other.fingerprint === fingerprint)
    if (same === undefined) {
      images.push({ names: [image.name], ...content, ...attributesOf(image) })
      continue
    }
    for (const field of conflicts(same, image)) {
      const message = `images "${same.names[0]}" and "${image.name}" have the same content, so they are one image on a server, but have different values for ${field}`
      if (!reported.has(message)) problems.push({ file, at: image.at, message })
      reported.add(message)
    }
    images[images.indexOf(same)] = join(same, image, content, server)
  }
  return new Map([...servers].map(([server, images]) => [server, inOrder(images)]))
}

/** Images that other servers copy come before copies, so two servers never wait for each other. */
function inOrder(images: readonly DesiredImage[]): DesiredImage[] {
  const depth = ({ origin }: DesiredImage): number => (origin.kind === 'copy' ? origin.depth : 0)
  return [...images].sort((a, b) => depth(a) - depth(b))
}

/** The nearest first. A copy from the server itself comes last: it does not create the image. */
const ways: readonly Origin['kind'][] = ['files', 'url', 'remote', 'publish', 'copy', 'present']

function nearer(a: Origin, b: Origin, server: string): Origin {
  const rank = (origin: Origin): number =>
    origin.kind === 'copy' && origin.server === server ? ways.length : ways.indexOf(origin.kind)
  return rank(b) < rank(a) ? b : a
}

type Attributes = Omit<DesiredImage, 'names' | keyof Content>

function attributesOf(image: PresentImage): Attributes {
  const { aliases, properties, propertiesMode, expiresAt, autoUpdate, profiles, filename } = image
  const more = { propertiesMode, autoUpdate, profiles, filename }
  return { aliases, public: image.public, properties, expiresAt, ...definedOnly(more) }
}

function definedOnly<Fields extends object>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<Fields>
}

function conflicts(a: DesiredImage, b: PresentImage): string[] {
  const differ = (left: unknown, right: unknown): boolean =>
    left !== undefined && right !== undefined && left !== right
  const keys = Object.keys(a.properties).filter((key) => differ(a.properties[key], b.properties[key]))
  return [
    ...(differ(a.public, b.public) ? ['"public"'] : []),
    ...(differ(timeOf(a.expiresAt), timeOf(b.expiresAt)) ? ['"expiresAt"'] : []),
    ...(differ(a.autoUpdate, b.autoUpdate) ? ['"autoUpdate"'] : []),
    ...(differ(a.profiles && JSON.stringify(a.profiles), b.profiles && JSON.stringify(b.profiles))
      ? ['"profiles"']
      : []),
    ...(differ(a.filename, b.filename) ? ['"filename"'] : []),
    ...keys.map((key) => `property "${key}"`),
  ]
}

function timeOf(date: Date | null | undefined): number | null | undefined {
  return date instanceof Date ? date.getTime() : date
}

function join(a: DesiredImage, b: PresentImage, content: Content, server: string): DesiredImage {
  return {
    ...a,
    size: a.size ?? content.size,
    origin: nearer(a.origin, content.origin, server),
    names: [...a.names, b.name],
    aliases: [...a.aliases, ...b.aliases],
    public: a.public ?? b.public,
    properties: { ...a.properties, ...b.properties },
    expiresAt: a.expiresAt === undefined ? b.expiresAt : a.expiresAt,
    ...definedOnly({
      // `exact` wins: `merge` only keeps properties that nobody asked for.
      propertiesMode: [a, b].some(({ propertiesMode }) => propertiesMode === 'exact') ? 'exact' : undefined,
      autoUpdate: a.autoUpdate ?? b.autoUpdate,
      profiles: a.profiles ?? b.profiles,
      filename: a.filename ?? b.filename,
    }),
  }
}
