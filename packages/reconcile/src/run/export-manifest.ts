import { dirname, join, resolve } from 'node:path'
import { ArgumentError, type Client, HyperkitError } from '@hyperkit/core'
import type { SavedImage } from '@hyperkit/files'
import { checkPlace, findPlace, readReplaced, replaceFile } from '@hyperkit/files/parts'
import { nearestName } from '@hyperkit/terminal/text'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import { arrangeExport, ownersOf } from '../export/arrange-export.ts'
import { nameFiles, saveImages, type WantedImage } from '../export/bundle/save-images.ts'
import { nameCertificates, writeCertificates } from '../export/bundle/write-certificates.ts'
import { writeSums } from '../export/bundle/write-sums.ts'
import type { Exported, ExportedFiles, LeftOut } from '../export/exported.ts'
import { writeManifest } from '../export/write-manifest.ts'
import type { Manifest, ManifestServer } from '../manifest/manifest.ts'
import type { ServerInventory } from '../observed/inventory.ts'
import { readInventory } from '../observed/read-inventory.ts'
import { openOnce } from './connections.ts'
import { normalizeRun, type RunOptions } from './run-options.ts'
import { writeServer } from './write-server.ts'

/** Options of {@link exportManifest}. */
export interface ExportManifestOptions extends Omit<RunOptions, 'onNote'> {
  /** The name of the new manifest. @default a name that owns nothing on these servers */
  name?: string | undefined
  /** Only images that have one of these aliases. @default all */
  aliases?: readonly string[] | undefined
  /** The file to write. @default `images.yaml` in the folder of `withFiles`; without `withFiles`, none */
  out?: string | undefined
  /** A folder to save the verified images to; the manifest uses these files as sources. @default images are not saved */
  withFiles?: string | undefined
  /** Whether to replace an existing file with other text. @default false */
  force?: boolean | undefined
  /** Called while an image is saved. */
  onProgress?:
    | ((image: WantedImage, server: string, bytes: number, total: number | undefined) => void)
    | undefined
  /** Called when an image has been saved, or was saved before. */
  onSaved?: ((image: WantedImage, saved: SavedImage) => Promise<void>) | undefined
}

/** A manifest of what servers have. */
export interface ExportedManifest {
  /** The YAML text. */
  text: string
  name: string
  /** How many images the manifest has. */
  images: number
  /** What a manifest cannot express; the text ends with a list of it. */
  leftOut: LeftOut[]
  /** The file that was written; undefined if none was. */
  out?: string
  /** The names of the manifests that already own images on these servers. */
  owners: string[]
}

/**
 * Writes what servers have as a manifest, so that a plan of it has no changes. If a server cannot be read completely, the export
 * fails: an incomplete manifest would be mistaken for a complete one.
 *
 * @param from names of remotes in the user's client configuration, or a manifest, for its servers
 * @throws {ArgumentError} for an alias that no server has
 * @throws {HyperkitError} for a server that cannot be read, and `file-unwritable`
 *
 * @example
 * ```ts
 * const { text, leftOut } = await exportManifest(['prod'])
 * console.log(text, leftOut.length)
 * ```
 */
export async function exportManifest(
  from: string | readonly string[] | Pick<Manifest, 'servers'>,
  options: ExportManifestOptions = {},
): Promise<ExportedManifest> {
  const { servers } =
    typeof from === 'string' ? describeRemotes([from]) : 'servers' in from ? from : describeRemotes(from)
  const { signal } = normalizeRun(options)
  const { withFiles, force = false } = options
  const out = options.out ?? (withFiles && join(withFiles, 'images.yaml'))
  if (out !== undefined && !force && withFiles !== undefined) await refuseOther(out)
  if (out !== undefined && withFiles === undefined) await checkPlace(out)
  const { open, close } = openOnce({ servers }, options)
  try {
    const all = await mapAtMost(16, servers, async ({ name }) =>
      readInventory(await open(name), name, signal),
    )
    const inventories = chooseImages(all, options.aliases ?? [])
    // Paths in the manifest are relative to its folder; on a pipe it has none.
    const file = out !== undefined && (await findPlace(out)).kind === 'file' ? out : undefined
    const folder = dirname(resolve(file ?? 'images.yaml'))
    const entries = new Map(servers.map((server) => [server.name, writeServer(server, folder)]))
    const certificates = nameCertificates(
      file === undefined || withFiles !== undefined ? [] : certificatesOf(inventories),
    )
    const arrange = (files?: ReadonlyMap<string, ExportedFiles>): Exported =>
      arrangeExport(inventories, { name: options.name, entries, files, certificates })
    const wanted = (): WantedImage[] => listWanted(arrange(placeholders(inventories)), inventories)
    const saved =
      withFiles === undefined ? undefined : await saveAll(wanted(), withFiles, { ...options, signal, open })
    const files = saved && new Map([...saved].map(([key, image]) => [key, nameFiles(image, folder)]))
    const exported = arrange(files)
    const text = writeManifest(exported)
    if (out !== undefined) {
      if (!force) await refuseOther(out, text)
      await writeCertificates(folder, certificates)
      await replaceFile(out, text, { signal })
      if (saved !== undefined && withFiles !== undefined && file !== undefined)
        await writeSums(withFiles, file, saved.values(), signal)
    }
    const { name, images, leftOut } = exported
    return {
      text,
      name,
      images: images.length,
      leftOut,
      ...(out === undefined ? {} : { out }),
      owners: [...ownersOf(inventories)],
    }
  } finally {
    await close()
  }
}

/**
 * Refuses to overwrite a file that somebody may have written by hand.
 *
 * @param text what will be written, if it is known already: a file with the same text may be overwritten
 */
async function refuseOther(path: string, text?: string): Promise<void> {
  const present = await readReplaced(path)
  if (present !== undefined && present !== text)
    throw new HyperkitError(
      'file-unwritable',
      `Cannot write "${path}": it exists already; choose another name, or use --force to replace it`,
    )
}

/** Describes remotes of the user's client configuration as servers of a manifest. */
export function describeRemotes(
  names: readonly string[],
  project?: string | undefined,
): Pick<Manifest, 'servers'> {
  const servers = [...new Set(names)].map(
    (name): ManifestServer => ({
      name,
      project,
      reach: { kind: 'remote', remote: name },
      at: { line: 1, column: 1 },
    }),
  )
  return { servers }
}

function saveAll(
  images: readonly WantedImage[],
  folder: string,
  {
    signal,
    open,
    onProgress,
    onSaved,
  }: Pick<ExportManifestOptions, 'onProgress' | 'onSaved'> & {
    signal: AbortSignal
    open(server: string): Promise<Client>
  },
): Promise<Map<string, SavedImage>> {
  return saveImages(images, resolve(folder, 'blobs'), {
    signal,
    open,
    ...(onProgress && { onProgress }),
    ...(onSaved && { onSaved }),
  })
}

/** Keeps only images that have one of the aliases; all images if no alias is given. */
function chooseImages(
  inventories: readonly ServerInventory[],
  aliases: readonly string[],
): ServerInventory[] {
  if (aliases.length === 0) return [...inventories]
  const known = inventories.flatMap(({ images }) =>
    images.flatMap((image) => image.aliases.map(({ name }) => name)),
  )
  for (const alias of aliases) {
    if (known.includes(alias)) continue
    const nearest = nearestName(alias, known)
    const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`
    throw new ArgumentError('image', `Cannot export image "${alias}": no server has this alias${hint}`)
  }
  return inventories.map((server) => ({
    ...server,
    images: server.images.filter((image) => image.aliases.some(({ name }) => aliases.includes(name))),
  }))
}

function certificatesOf(inventories: readonly ServerInventory[]): string[] {
  return inventories.flatMap(({ images }) =>
    images.flatMap(({ aliases, updateSource }) =>
      aliases.length === 0 || !updateSource?.certificate ? [] : [updateSource.certificate],
    ),
  )
}

/** Stands in for the files before any image is saved, to find out which images the manifest will have. */
function placeholders(inventories: readonly ServerInventory[]): Map<string, ExportedFiles> {
  return new Map(
    inventories.flatMap(({ images }) =>
      images.map(({ fingerprint }) => [fingerprint, { file: fingerprint }] as const),
    ),
  )
}

function listWanted(exported: Exported, inventories: readonly ServerInventory[]): WantedImage[] {
  return exported.images.map(({ name, fingerprint }) => ({
    name,
    fingerprint,
    on: inventories
      .filter(({ images }) => images.some((image) => image.fingerprint === fingerprint))
      .map((server) => server.name),
  }))
}
