import { formatBytes } from '@hyperkit/terminal/text'
import type { InventoryImage, ServerInventory } from '../observed/inventory.ts'
import { readMark } from '../ownership/alias-mark.ts'
import { ownerProperty } from '../ownership/owner-property.ts'
import { chooseNames, type NamedImage } from './choose-names.ts'
import { type ChosenSource, chooseSources } from './choose-source.ts'
import {
  describeAttributes,
  describeOverride,
  unsayable,
  type WrittenAttributes,
} from './describe-attributes.ts'
import type { Exported, ExportedFiles, ExportedImage, ExportedServer, LeftOut } from './exported.ts'

/** Options of {@link arrangeExport}. */
export interface ArrangeExportOptions {
  /** The manifest's name; undefined: one that nobody owns anything by. */
  name?: string | undefined
  /** What stands under each server's name. */
  entries: ReadonlyMap<string, ExportedServer['entry']>
  /** By fingerprint, where images were saved. */
  files?: ReadonlyMap<string, ExportedFiles> | undefined
  /** Where certificates of sources lie, by their text. */
  certificates?: ReadonlyMap<string, string> | undefined
}

/** What servers have, as a manifest. */
export function arrangeExport(servers: readonly ServerInventory[], options: ArrangeExportOptions): Exported {
  const sources = chooseSources(servers, options.files, options.certificates)
  const sourceOf = (image: InventoryImage): ChosenSource => {
    const source = sources.get(image)
    if (source === undefined) throw new Error(`no source of ${image.fingerprint}`)
    return source
  }
  // Of one source servers may have other files, by their kind and age.
  const named = chooseNames(servers, (image) => JSON.stringify(sourceOf(image).source))
  return {
    name: options.name ?? freeName(ownersOf(servers)),
    servers: servers.map(({ name, dialect, version }) => ({
      ...{ name, kind: version === undefined ? dialect : `${dialect} ${version}` },
      entry: options.entries.get(name) ?? {},
    })),
    // What a file's own metadata say, and nobody left there, goes.
    defaults: options.files === undefined ? undefined : { propertiesMode: 'exact' },
    images: named.map((image) => arrangeImage(image, named, servers, sourceOf)),
    leftOut: servers.flatMap(listLeftOut),
  }
}

function arrangeImage(
  { name, fingerprint, on }: NamedImage,
  all: readonly NamedImage[],
  servers: readonly ServerInventory[],
  sourceOf: (image: InventoryImage) => ChosenSource,
): ExportedImage {
  const [first, ...others] = on
  if (first === undefined) throw new Error(`nobody has "${name}"`)
  const { image } = first
  const { source, isFile, bringsProperties, comments } = sourceOf(image)
  const describe = (each: typeof first): WrittenAttributes =>
    describeAttributes(each.image, { name, withProperties: !bringsProperties, fromFile: isFile })
  const common = describe(first)
  const overrides = others.flatMap((each) => {
    const override = describeOverride(describe(each), common)
    return override === undefined ? [] : [[each.server, override] as const]
  })
  // An exact entry would take away what it cannot say.
  const isPartial = isFile && on.some((each) => unsayable(each.image).length > 0)
  const size = `${formatBytes(image.size)}, ${image.type}, ${image.architecture || 'unknown architecture'}`
  const elsewhere = all
    .filter((each) => each.name === name && each.on !== on)
    .flatMap((each) => each.on.map(({ server }) => server))
  const twins = elsewhere.length === 0 ? [] : [`another image on ${elsewhere.join(', ')}`]
  return {
    ...{ name, fingerprint, comments: [size, ...twins, ...comments] },
    entry: {
      ...{ name, source, ...common },
      ...(isPartial ? { propertiesMode: 'merge' } : {}),
      ...(on.length === servers.length ? {} : { servers: on.map(({ server }) => server) }),
      ...(overrides.length === 0 ? {} : { overrides: Object.fromEntries(overrides) }),
    },
  }
}

function listLeftOut({ name: server, images }: ServerInventory): LeftOut[] {
  return images.flatMap((image): LeftOut[] => {
    const what = `image ${image.fingerprint}`
    const size = `${formatBytes(image.size)}, ${image.type}`
    return [
      ...(image.aliases.length === 0 ? [{ server, what, why: `it has no alias (${size})` }] : []),
      ...image.unusable.map(({ name, why }) => ({
        ...{ server, what: `alias ${JSON.stringify(name)} of ${what}`, why },
      })),
      ...unsayable(image).map((key) => ({
        ...{ server, what: `property ${JSON.stringify(key)} of ${what}`, why: 'no manifest can say it' },
      })),
    ]
  })
}

/** The manifests that own anything there. */
export function ownersOf(servers: readonly ServerInventory[]): Set<string> {
  return new Set(
    servers.flatMap(({ images }) =>
      images.flatMap(({ properties, aliases }) =>
        [properties[ownerProperty], ...aliases.map(({ description }) => readMark(description).owner)].filter(
          (owner) => owner !== undefined && owner !== null && owner !== '',
        ),
      ),
    ) as string[],
  )
}

/** With the name of an owner, the manifest would find marks missing that a run of that owner would write. */
function freeName(owners: ReadonlySet<string>): string {
  let name = 'exported'
  for (let count = 2; owners.has(name); count++) name = `exported-${count}`
  return name
}
