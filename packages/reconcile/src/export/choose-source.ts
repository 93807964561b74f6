import type { InventoryImage, ServerInventory } from '../observed/inventory.ts'
import type { ExportedFiles } from './exported.ts'

export interface ChosenSource {
  source: Readonly<Record<string, unknown>>
  /** Whether the source is a file on this machine. */
  isFile: boolean
  /** Whether the source always names the same image: a digest of a registry. */
  isPinned: boolean
  /** Whether the properties of the image come from the source, and change with it. */
  bringsProperties: boolean
  comments: string[]
}

const protocols = ['simplestreams', 'lxd', 'incus', 'oci']

/**
 * Chooses the sources that a manifest gives to images. If a server has several images from one source, the newest is taken for
 * what the source holds now; the older ones are identified by their fingerprints.
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
      chosen.set(image, isOld ? byFingerprint(image, 'an older version than its source has') : found)
    }
  }
  return chosen
}

function timeOf({ createdAt }: InventoryImage): number {
  return createdAt?.getTime() ?? 0
}

function byFingerprint({ fingerprint }: InventoryImage, ...comments: string[]): ChosenSource {
  return { source: { fingerprint }, isFile: false, isPinned: false, bringsProperties: false, comments }
}

function chooseSource(
  image: InventoryImage,
  files: ExportedFiles | undefined,
  certificates: ReadonlyMap<string, string> | undefined,
): ChosenSource {
  const { fingerprint, updateSource, type } = image
  if (files !== undefined) {
    const kind = 'metadata' in files && type === 'virtual-machine' ? { type } : {}
    const comments = image.autoUpdate ? ['autoUpdate is on, but a file has no source to update from'] : []
    return {
      source: { ...files, ...kind, sha256: fingerprint },
      isFile: true,
      isPinned: false,
      bringsProperties: false,
      comments,
    }
  }
  if (updateSource === undefined) return byFingerprint(image)
  const remote = describeRemote(updateSource, certificates)
  if (typeof remote === 'string') return byFingerprint(image, remote)
  const kind = type === 'virtual-machine' ? { type } : {}
  const isPinned = updateSource.protocol === 'oci' && updateSource.alias.includes('@')
  return {
    source: { ...remote, ...kind },
    isFile: false,
    isPinned,
    bringsProperties: true,
    comments: [
      'properties come from the source',
      ...(isPinned && image.autoUpdate ? ['autoUpdate is on, but a digest always names the same image'] : []),
    ],
  }
}

/** The keys of the source, or a comment that says why a manifest cannot name it. */
function describeRemote(
  { server, protocol, alias, certificate }: NonNullable<InventoryImage['updateSource']>,
  certificates: ReadonlyMap<string, string> = new Map(),
): Record<string, string | true> | string {
  // Incus' own client has servers store the credentials for a registry there (T38).
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url !== undefined && url.username + url.password !== '')
    return `updated from ${JSON.stringify(`${protocol} ${url.origin} ${alias}`)}, with credentials that a manifest must not contain`
  const origin = JSON.stringify(`${protocol} ${server} ${alias}`)
  const isPlain = protocol === 'simplestreams' && server.startsWith('http://')
  if (!protocols.includes(protocol) || !(isPlain || server.startsWith('https://')) || alias === '')
    return `updated from ${origin}, which a manifest cannot express`
  if (certificate === '') return { remote: server, protocol, alias, ...(isPlain ? { insecure: true } : {}) }
  const serverCertificate = certificates.get(certificate)
  return serverCertificate === undefined
    ? `updated from ${origin}, whose certificate needs a file next to the manifest: use --out`
    : { remote: server, protocol, alias, serverCertificate }
}
