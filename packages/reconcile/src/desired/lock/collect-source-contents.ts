import { relative, sep } from 'node:path'
import type { LockedSource, ServersContent } from '../../documents/lock-file.ts'
import { publicUrl } from '../../identity/public-url.ts'
import type { Manifest } from '../../manifest/manifest.ts'
import type { Desired } from '../desired.ts'
import { type LockableImage, lockableImages } from './lockable-images.ts'
import type { SourceContent } from './lockfile.ts'

/**
 * Collects what the sources of the manifest's images hold, as it was found for the servers.
 *
 * @param folder an absolute path; paths in the lock file are relative to it, so that it is the same on every machine
 */
export function collectSourceContents(manifest: Manifest, desired: Desired, folder: string): SourceContent[] {
  return lockableImages(manifest).flatMap(({ name, source }): SourceContent[] => {
    const contents = contentsOf(name, desired)
    const [most, ...elsewhere] = contents
    if (most === undefined) return []
    const { servers: _, ...content } = most
    return [
      {
        name,
        ...content,
        source: describeSource(source, folder),
        at: source.at,
        servers: contents.flatMap((each) => each.servers),
        ...(elsewhere.length === 0 ? {} : { elsewhere }),
      },
    ]
  })
}

/** The contents of an image on its servers; the one that most servers get comes first. */
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

/** The sources of images as a lock file describes them, by image. */
export function lockedSources(manifest: Manifest, folder: string): Map<string, LockedSource> {
  return new Map(lockableImages(manifest).map(({ name, source }) => [name, describeSource(source, folder)]))
}

function describeSource(source: LockableImage['source'], folder: string): LockedSource {
  // What follows the path of a URL may give access.
  if (source.kind === 'url') return { kind: 'url', from: publicUrl(source.url) }
  if (source.kind === 'remote' || source.kind === 'server') {
    const { kind, alias, fingerprint } = source
    const server = source.kind === 'remote' ? source.remote : source.server
    return {
      kind,
      from: `${server} ${alias === undefined ? `fingerprint ${fingerprint}` : `alias ${alias}`}`,
    }
  }
  const toRelative = (path: string): string => relative(folder, path).split(sep).join('/')
  if (source.kind === 'file') return { kind: 'file', from: toRelative(source.file) }
  return { kind: 'split', from: `${toRelative(source.metadata)}, ${toRelative(source.rootfs)}` }
}
