import type { InventoryImage, ServerInventory } from '../observed/inventory.ts'
import type { ExportedFiles } from './exported.ts'

export interface ChosenSource {
  source: Readonly<Record<string, unknown>>
  /** Whether its content is on this side of the network. */
  isFile: boolean
  /** Whether properties come from there, and change with it. */
  bringsProperties: boolean
  comments: string[]
}

const protocols = ['simplestreams', 'lxd', 'incus']

/**
 * Where a manifest can say that images come from. Of several that a server has from one source, the newest is what the source
 * holds; the others are what they are.
 */
export function chooseSources(
  servers: readonly ServerInventory[],
  files: ReadonlyMap<string, ExportedFiles> | undefined,
  certificates: ReadonlyMap<string, string> | undefined,
): Map<InventoryImage, ChosenSource> {
  const chosen = new Map<InventoryImage, ChosenSource>()
  for (const { images } of servers) {
    const seen = new Set<string>()
    const newestFirst = [...images].sort(
      (a, b) => timeOf(b) - timeOf(a) || (a.fingerprint < b.fingerprint ? -1 : 1),
    )
    for (const image of newestFirst) {
      if (image.aliases.length === 0) continue
      const found = chooseSource(image, files?.get(image.fingerprint), certificates)
      const key = JSON.stringify(found.source)
      const isOld = found.bringsProperties && seen.has(key)
      seen.add(key)
      chosen.set(image, isOld ? stay(image, 'is an older version of what its source holds') : found)
    }
  }
  return chosen
}

function timeOf({ createdAt }: InventoryImage): number {
  return createdAt?.getTime() ?? 0
}

function stay({ fingerprint }: InventoryImage, ...comments: string[]): ChosenSource {
  return { source: { fingerprint }, ...{ isFile: false, bringsProperties: false, comments } }
}

function chooseSource(
  image: InventoryImage,
  files: ExportedFiles | undefined,
  certificates: ReadonlyMap<string, string> | undefined,
): ChosenSource {
  const { fingerprint, updateSource, type } = image
  if (files !== undefined) {
    const kind = 'metadata' in files && type === 'virtual-machine' ? { type } : {}
    const comments = image.autoUpdate ? ['autoUpdate is on; a file has no source to update from'] : []
    return {
      source: { ...files, ...kind, sha256: fingerprint },
      ...{ isFile: true, bringsProperties: false, comments },
    }
  }
  if (updateSource === undefined) return stay(image)
  const remote = describeRemote(updateSource, certificates)
  if (typeof remote === 'string') return stay(image, remote)
  const kind = type === 'virtual-machine' ? { type } : {}
  return {
    source: { ...remote, ...kind },
    ...{ isFile: false, bringsProperties: true, comments: ['its properties come with the source'] },
  }
}

/** The keys of the source; or why there are none, for a comment. */
function describeRemote(
  { server, protocol, alias, certificate }: NonNullable<InventoryImage['updateSource']>,
  certificates: ReadonlyMap<string, string> = new Map(),
): Record<string, string | true> | string {
  const where = JSON.stringify(`${protocol} ${server} ${alias}`)
  const isPlain = protocol === 'simplestreams' && server.startsWith('http://')
  if (!protocols.includes(protocol) || !(isPlain || server.startsWith('https://')) || alias === '')
    return `is updated from ${where}, which no manifest can name`
  if (certificate === '') return { remote: server, protocol, alias, ...(isPlain ? { insecure: true } : {}) }
  const serverCertificate = certificates.get(certificate)
  return serverCertificate === undefined
    ? `is updated from ${where}, whose certificate would be a file beside the manifest: give --out`
    : { remote: server, protocol, alias, serverCertificate }
}
