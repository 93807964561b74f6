import { relative, sep } from 'node:path'
import type { LockedSource, ServersContent } from '../../documents/lock-file.ts'
import { publicUrl } from '../../identity/public-url.ts'
import type { Manifest, PresentImage } from '../../manifest/manifest.ts'
import type { FileSource, RemoteSource, ServerSource, UrlSource } from '../../manifest/source.ts'
import { findMaker } from '../../sources/find-maker.ts'
import type { Desired } from '../desired.ts'
import type { SourceContent } from './lockfile.ts'

/**
 * What the sources of the manifest's images hold, as it was found for the servers.
 *
 * @param folder absolute; paths are told from there, so that the lock says the same on every machine
 */
export function noteLockable(manifest: Manifest, desired: Desired, folder: string): SourceContent[] {
  return lockableImages(manifest).flatMap(({ name, source }): SourceContent[] => {
    const contents = contentsOf(name, desired)
    const [most, ...elsewhere] = contents
    if (most === undefined) return []
    const { servers: _, ...content } = most
    return [
      {
        ...{ name, ...content, source: describeSource(source, folder), at: source.at },
        servers: contents.flatMap((each) => each.servers),
        ...(elsewhere.length === 0 ? {} : { elsewhere }),
      },
    ]
  })
}

/** What an image is on its servers; what most of them get comes first. */
function contentsOf(name: string, { servers }: Desired): ServersContent[] {
  const contents = new Map<string, ServersContent>()
  for (const server of servers) {
    const image = server.images.find(({ names }) => names.includes(name))
    if (image === undefined) continue
    const { fingerprint, size, serial } = image
    const known = contents.get(fingerprint)
    if (known !== undefined) known.servers.push(server.name)
    else
      contents.set(fingerprint, {
        servers: [server.name],
        fingerprint,
        ...(size === null ? {} : { size }),
        ...(serial === undefined ? {} : { serial }),
      })
  }
  return [...contents.values()].sort((a, b) => b.servers.length - a.servers.length)
}

/** How the sources of images stand in a lock file, by image. */
export function lockedSources(manifest: Manifest, folder: string): Map<string, LockedSource> {
  return new Map(lockableImages(manifest).map(({ name, source }) => [name, describeSource(source, folder)]))
}

type LockableImage = PresentImage & { source: FileSource | RemoteSource | UrlSource | ServerSource }

/**
 * The images whose content is a fact that this manifest does not make itself. What it publishes from instances, and copies
 * of what it brings to a server, move by what is done there; what is copied is locked where it comes from.
 */
export function lockableImages(manifest: Manifest): LockableImage[] {
  return manifest.images.filter(
    (image): image is LockableImage => image.state === 'present' && isLockable(image, manifest),
  )
}

function isLockable({ source }: PresentImage, manifest: Manifest): boolean {
  if (source.kind === 'server')
    return source.alias === undefined || findMaker(manifest, source.server, source.alias) === undefined
  return (['file', 'split', 'remote', 'url'] as const).some((kind) => kind === source.kind)
}

function describeSource(source: LockableImage['source'], folder: string): LockedSource {
  // What follows the path may be what gives access.
  if (source.kind === 'url') return { kind: 'url', from: publicUrl(source.url) }
  if (source.kind === 'remote' || source.kind === 'server') {
    const { kind, alias, fingerprint } = source
    const where = source.kind === 'remote' ? source.remote : source.server
    return { kind, from: `${where} ${alias === undefined ? `fingerprint ${fingerprint}` : `alias ${alias}`}` }
  }
  const near = (path: string): string => relative(folder, path).split(sep).join('/')
  if (source.kind === 'file') return { kind: 'file', from: near(source.file) }
  return { kind: 'split', from: `${near(source.metadata)}, ${near(source.rootfs)}` }
}
