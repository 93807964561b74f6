import { imageOn } from '../manifest/image-on.ts'
import type { PresentImage } from '../manifest/manifest.ts'
import type { Problem } from '../manifest/manifest-error.ts'
import type { DesiredImage, ImageFiles } from './desired.ts'

export interface KnownImage {
  image: PresentImage
  fingerprint: string
  size: number
  files: ImageFiles
}

/**
 * The images of each server. Two images of the manifest with the same content are one image there: their aliases and
 * properties go together, and where they want different things of it, that is a problem, for no run could satisfy both.
 */
export function joinImages(
  file: string,
  known: readonly KnownImage[],
  problems: Problem[],
): Map<string, DesiredImage[]> {
  const servers = new Map<string, DesiredImage[]>()
  const reported = new Set<string>()
  for (const { image: everywhere, fingerprint, size, files } of known) {
    for (const server of everywhere.servers) {
      const image = imageOn(everywhere, server)
      const images = servers.get(server) ?? []
      servers.set(server, images)
      const same = images.find((other) => other.fingerprint === fingerprint)
      if (same === undefined) {
        images.push({ names: [image.name], fingerprint, size, files, ...attributesOf(image) })
        continue
      }
      for (const field of conflicts(same, image)) {
        const message = `images "${same.names[0]}" and "${image.name}" have the same content, so they are one image on a server, and want different ${field} of it`
        if (!reported.has(message)) problems.push({ file, at: image.at, message })
        reported.add(message)
      }
      images[images.indexOf(same)] = join(same, image)
    }
  }
  return servers
}

type Attributes = Omit<DesiredImage, 'names' | 'fingerprint' | 'size' | 'files'>

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

function join(a: DesiredImage, b: PresentImage): DesiredImage {
  return {
    ...a,
    names: [...a.names, b.name],
    aliases: [...a.aliases, ...b.aliases],
    public: a.public ?? b.public,
    properties: { ...a.properties, ...b.properties },
    expiresAt: a.expiresAt === undefined ? b.expiresAt : a.expiresAt,
    ...definedOnly({
      // One that adds to what is there asks for nothing that one that names it all would take away.
      propertiesMode: [a, b].some(({ propertiesMode }) => propertiesMode === 'exact') ? 'exact' : undefined,
      autoUpdate: a.autoUpdate ?? b.autoUpdate,
      profiles: a.profiles ?? b.profiles,
      filename: a.filename ?? b.filename,
    }),
  }
}
