import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ArgumentError, type Client } from '@hyperkit/core'
import { shortFingerprint } from '@hyperkit/core/parts'
import { writeFailure } from '../disk/disk-failure.ts'
import { findPlace, type Place } from '../write/find-place.ts'
import { baseNameOf, extensionOf, possibleNames } from './file-name.ts'

/** An existing directory, or the path of the file (of a split image, that of its rootfs). */
export type SaveTarget = string | { path: string; metadataPath?: string | undefined }

/** What is neither a file nor a directory, to which an image is written; undefined for all others. */
export async function findStream(target: SaveTarget): Promise<Exclude<Place, { kind: 'file' }> | undefined> {
  const { path } = typeof target === 'string' ? { path: undefined } : (target ?? {})
  if (typeof path !== 'string' || path === '' || path.includes('\0')) return undefined
  const found = await findPlace(path).catch(() => undefined)
  return found === undefined || found.kind === 'file' ? undefined : found
}

/** The paths for the files of one image, before it is known whether it is split. */
export interface Places {
  /** Path of the unfinished file, without its `.part`. */
  partStem: string
  /** @param named the server's name of the file */
  unified(named: string | undefined): string
  split(metadataNamed: string | undefined, rootfsNamed: string | undefined): SplitPlaces
  /** Paths at which an earlier call may have saved the image. */
  unifiedBefore: string[]
  splitBefore: SplitPlaces[]
}

export interface SplitPlaces {
  metadata: string
  rootfs: string
}

/** Chooses the paths by the caller's target and the fingerprint, never by a path from the server. */
export async function choosePlaces(
  target: SaveTarget,
  fingerprint: string,
  serverName: (() => Promise<string>) | undefined,
): Promise<Places> {
  if (typeof target === 'string') {
    await checkDirectory(target, '; give { path } to name the file')
    return serverName === undefined
      ? afterFingerprint(target, fingerprint)
      : fixed(join(target, baseNameOf(await serverName())), undefined, fingerprint)
  }
  const { path, metadataPath } = target ?? {}
  for (const one of metadataPath === undefined ? [path] : [path, metadataPath]) await checkFile(one)
  if (path === metadataPath) {
    throw new ArgumentError(
      'target',
      'Cannot save two files under one path: "metadataPath" must differ from "path"',
    )
  }
  // A link stays, and the file that it leads to is replaced. Its part is beside that file, on the same disk.
  const real = (await findPlace(path)).path
  return fixed(
    real,
    metadataPath === undefined ? undefined : (await findPlace(metadataPath)).path,
    fingerprint,
  )
}

/** Names as servers give them: `<fingerprint>.tar.xz`, with `meta-<fingerprint>.tar.xz` beside it if the image is split. */
function afterFingerprint(directory: string, fingerprint: string): Places {
  const place = (name: string): string => join(directory, name)
  const files = possibleNames(fingerprint).map(place)
  const metadata = possibleNames(`meta-${fingerprint}`).map(place)
  return {
    partStem: place(fingerprint),
    unified: (named) => place(`${fingerprint}${extensionOf(named)}`),
    split: (metadataNamed, rootfsNamed) => ({
      metadata: place(`meta-${fingerprint}${extensionOf(metadataNamed)}`),
      rootfs: place(`${fingerprint}${extensionOf(rootfsNamed)}`),
    }),
    unifiedBefore: files,
    splitBefore: metadata.flatMap((first) => files.map((rootfs) => ({ metadata: first, rootfs }))),
  }
}

function fixed(path: string, metadataPath: string | undefined, fingerprint: string): Places {
  const split = { metadata: metadataPath ?? join(dirname(path), `meta-${basename(path)}`), rootfs: path }
  return {
    // With the fingerprint, so that a part of another image is never continued.
    partStem: `${path}.${shortFingerprint(fingerprint)}`,
    unified: () => path,
    split: () => split,
    unifiedBefore: [path],
    splitBefore: [split],
  }
}

async function checkDirectory(path: string, advice = ''): Promise<void> {
  checkText(path, 'a directory, or { path }')
  const found = await stat(path).catch((error: unknown) => {
    throw writeFailure(path, error)
  })
  if (!found.isDirectory()) {
    throw new ArgumentError(
      'target',
      `Cannot save into ${JSON.stringify(path)}: it is not a directory${advice}`,
    )
  }
}

async function checkFile(path: string): Promise<void> {
  checkText(path, 'the path of the file')
  await checkDirectory(dirname(path))
  const found = await stat(path).catch(() => undefined)
  if (found !== undefined && !found.isFile()) {
    throw new ArgumentError(
      'target',
      `Cannot save as ${JSON.stringify(path)}: ${found.isDirectory() ? 'it is a directory; give it without { path } to save into it' : 'it is not a regular file'}`,
    )
  }
}

function checkText(path: string, wanted: string): void {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return
  throw new ArgumentError('target', `Cannot save to ${JSON.stringify(path ?? null)}: ${wanted} is needed`)
}

/** The name that the file of the image had at its upload. */
export async function serverNameOf(
  client: Client<boolean>,
  fingerprint: string,
  options: { signal?: AbortSignal | undefined; project?: string | undefined; secret?: string | undefined },
): Promise<string> {
  return (await client.images.get(fingerprint, options)).filename
}
