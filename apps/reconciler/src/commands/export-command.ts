import { dirname, join, resolve } from 'node:path'
import { ArgumentError } from '@hyperkit/core'
import type { Exported, ExportedFiles, LeftOut, Manifest, ServerInventory } from '@hyperkit/reconcile/parts'
import {
  arrangeExport,
  countThings,
  mapAtMost,
  nameCertificates,
  nameFiles,
  openOnce,
  ownersOf,
  readInventory,
  refuseOther,
  replaceFile,
  saveImages,
  showName,
  type WantedImage,
  writeCertificates,
  writeManifest,
  writeSums,
} from '@hyperkit/reconcile/parts'
import { formatBytes, nearestName, showText } from '@hyperkit/terminal/text'
import { chooseExported, type ExportedChoice, writeServer } from './choose-exported.ts'
import type { CommandContext } from './command-context.ts'

export interface ExportOptions extends ExportedChoice {
  name?: string
  out?: string
  withFiles?: string
  force?: true
}

/** Writes what servers have as a manifest, with the images themselves where that is asked for. */
export async function exportCommand(
  aliases: readonly string[],
  options: ExportOptions,
  context: CommandContext,
): Promise<void> {
  const { console, signal } = context
  const chosen = await chooseExported(options)
  console.hide(chosen.secrets)
  const out = options.out ?? (options.withFiles && join(options.withFiles, 'images.yaml'))
  if (out !== undefined && !options.force && options.withFiles !== undefined) await refuseOther(out)
  const { open, close } = openOnce(chosen)
  try {
    // One server that is not known whole makes no manifest: a shorter one would be taken for the truth.
    const all = await mapAtMost(16, chosen.servers, async ({ name }) =>
      readInventory(await open(name), name, signal),
    )
    const inventories = chooseImages(all, aliases)
    const folder = dirname(resolve(out ?? 'images.yaml'))
    const entries = new Map(chosen.servers.map((server) => [server.name, writeServer(server, folder)]))
    const certificates = nameCertificates(
      out === undefined || options.withFiles !== undefined ? [] : certificatesOf(inventories),
    )
    const arrange = (files?: Parameters<typeof arrangeExport>[1]['files']): Exported =>
      arrangeExport(inventories, { name: options.name, entries, files, certificates })
    const saved =
      options.withFiles === undefined
        ? undefined
        : await saveImages(
            listWanted(arrange(placeholders(inventories)), inventories),
            resolve(options.withFiles, 'blobs'),
            {
              signal,
              open,
              ...showSaving(context),
            },
          )
    const files = saved && new Map([...saved].map(([key, image]) => [key, nameFiles(image, folder)]))
    const exported = arrange(files)
    const text = writeManifest(exported)
    if (out === undefined) await console.result(text)
    else {
      if (!options.force) await refuseOther(out, text)
      await writeCertificates(folder, certificates)
      await replaceFile(out, text)
      if (saved !== undefined && options.withFiles !== undefined)
        await writeSums(options.withFiles, out, saved.values(), signal)
      await console.error(`Wrote ${countThings(exported.images.length, 'image')} to "${out}"`)
    }
    await tellNotes(exported, inventories, chosen, context)
  } finally {
    await close()
  }
}

/** Only images that have one of these aliases, if any are named. */
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
    throw new ArgumentError('image', `Cannot export image "${alias}": no server has such an alias${hint}`)
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

/** For a look at how they go together before anything is saved: each by its content. */
function placeholders(inventories: readonly ServerInventory[]): Map<string, ExportedFiles> {
  return new Map(
    inventories.flatMap(({ images }) =>
      images.map(({ fingerprint }) => [fingerprint, { file: fingerprint }] as const),
    ),
  )
}

function listWanted(exported: Exported, inventories: readonly ServerInventory[]): WantedImage[] {
  return exported.images.map(({ name, fingerprint }) => ({
    ...{ name, fingerprint },
    on: inventories
      .filter(({ images }) => images.some((image) => image.fingerprint === fingerprint))
      .map((server) => server.name),
  }))
}

function showSaving({
  console,
}: CommandContext): Pick<Parameters<typeof saveImages>[2], 'onProgress' | 'onSaved'> {
  return {
    onProgress({ name }, server, bytes, total) {
      const whole = total === undefined ? '' : ` of ${formatBytes(total)}`
      console.live([`${server}: saving ${showName(name)}, ${formatBytes(bytes)}${whole}`])
    },
    async onSaved({ name }, { received, size }) {
      const how = received === 0 ? 'is there already' : 'saved'
      await console.error(`${showName(name)}: ${how}, ${formatBytes(size)}`)
    },
  }
}

async function tellNotes(
  { name, leftOut }: Exported,
  inventories: readonly ServerInventory[],
  { servers }: Pick<Manifest, 'servers'>,
  { console }: CommandContext,
): Promise<void> {
  if (ownersOf(inventories).has(name))
    await console.error(
      `Note: manifest "${name}" owns images there already; a plan may find marks of it that are missing`,
    )
  for (const server of servers)
    if (server.reach.kind === 'url' && server.reach.token?.kind === 'text')
      await console.error(`Note: the token of server "${server.name}" is a secret, and was left out`)
  const [first] = leftOut
  if (first !== undefined)
    await console.error(
      `Note: the manifest ends with a list of what it cannot say: ${showText(tell(first))}${leftOut.length > 1 ? `, and ${leftOut.length - 1} more` : ''}`,
    )
}

function tell({ server, what, why }: LeftOut): string {
  return `${server}: ${what}: ${why}`
}
