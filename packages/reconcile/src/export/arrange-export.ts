import { formatBytes } from '@hyperkit/terminal/text'
import type { InventoryImage, ServerInventory } from '../observed/inventory.ts'
import { readMark } from '../ownership/alias-mark.ts'
import { ownerProperty } from '../ownership/owner-property.ts'
import { chooseNames, type NamedImage } from './choose-names.ts'
import { type ChosenSource, chooseSources } from './choose-source.ts'
import {
  describeAttributes,
  describeOverride,
  findInexpressible,
  type WrittenAttributes,
} from './describe-attributes.ts'
import type { Exported, ExportedFiles, ExportedImage, ExportedServer, LeftOut } from './exported.ts'

/** Options of {@link arrangeExport}. */
export interface ArrangeExportOptions {
  /** The name of the manifest; undefined: one that owns nothing on these servers. */
  name?: string | undefined
  /** The entry for each server, by name. */
  entries: ReadonlyMap<string, ExportedServer['entry']>
  /** Files of saved images, by fingerprint. */
  files?: ReadonlyMap<string, ExportedFiles> | undefined
  /** Paths of the certificates of sources, by their PEM text. */
  certificates?: ReadonlyMap<string, string> | undefined
}

/** Arranges what servers have as a manifest. */
export function arrangeExport(servers: readonly ServerInventory[], options: ArrangeExportOptions): Exported {
  const sources = chooseSources(servers, options.files, options.certificates)
  const sourceOf = (image: InventoryImage): ChosenSource => {
    const source = sources.get(image)
    if (source === undefined) throw new Error(`No source was chosen for image "${image.fingerprint}"`)
    return source
  }
  // Images with one source may have different fingerprints, by the kind of server and by age.
  const named = chooseNames(servers, (image) => JSON.stringify(sourceOf(image).source))
  return {
    name: options.name ?? freeName(ownersOf(servers)),
    servers: servers.map(({ name, dialect, version }) => ({
      name,
      kind: version === undefined ? dialect : `${dialect} ${version}`,
      entry: options.entries.get(name) ?? {},
    })),
    // Properties that come from a file's own metadata, but are missing on the server, must be removed.
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
  if (first === undefined) throw new Error(`No server has image "${name}"`)
  const { image } = first
  const { source, isFile, isPinned, bringsProperties, comments } = sourceOf(image)
  const describe = (each: typeof first): WrittenAttributes =>
    describeAttributes(each.image, { name, withProperties: !bringsProperties, fromFile: isFile, isPinned })
  const common = describe(first)
  const overrides = others.flatMap((each) => {
    const override = describeOverride(describe(each), common)
    return override === undefined ? [] : [[each.server, override] as const]
  })
  // `exact` would remove properties that a manifest cannot express.
  const isPartial = isFile && on.some((each) => findInexpressible(each.image).length > 0)
  const size = `${formatBytes(image.size)}, ${image.type}, ${image.architecture || 'unknown architecture'}`
  const elsewhere = all
    .filter((each) => each.name === name && each.on !== on)
    .flatMap((each) => each.on.map(({ server }) => server))
  const twins = elsewhere.length === 0 ? [] : [`another image on ${elsewhere.join(', ')}`]
  return {
    name,
    fingerprint,
    comments: [size, ...twins, ...comments],
    entry: {
      name,
      source,
      ...common,
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
        server,
        what: `alias ${JSON.stringify(name)} of ${what}`,
        why,
      })),
      ...findInexpressible(image).map((key) => ({
        server,
        what: `property ${JSON.stringify(key)} of ${what}`,
        why: 'a manifest cannot express it',
      })),
    ]
  })
}

/** The names of the manifests that own anything on these servers. */
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

/** A name that no owner has: with an owner's name, a plan of the manifest would add that owner's missing marks. */
function freeName(owners: ReadonlySet<string>): string {
  let name = 'exported'
  for (let count = 2; owners.has(name); count++) name = `exported-${count}`
  return name
}
