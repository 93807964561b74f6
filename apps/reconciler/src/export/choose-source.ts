import type { InventoryImage } from '../observed/inventory.ts'
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

/** Where a manifest can say that an image comes from. */
export function chooseSource(
  image: InventoryImage,
  files: ExportedFiles | undefined,
  certificates: ReadonlyMap<string, string> = new Map(),
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
  const remote = updateSource && describeRemote(updateSource, certificates)
  if (remote === undefined || 'why' in remote)
    return {
      source: { fingerprint },
      ...{ isFile: false, bringsProperties: false, comments: remote === undefined ? [] : [remote.why] },
    }
  const kind = type === 'virtual-machine' ? { type } : {}
  return {
    source: { ...remote, ...kind },
    ...{ isFile: false, bringsProperties: true, comments: ['its properties come with the source'] },
  }
}

function describeRemote(
  { server, protocol, alias, certificate }: NonNullable<InventoryImage['updateSource']>,
  certificates: ReadonlyMap<string, string>,
): Record<string, string> | { why: string } {
  const where = JSON.stringify(`${protocol} ${server} ${alias}`)
  if (!protocols.includes(protocol) || !server.startsWith('https://') || alias === '')
    return { why: `is updated from ${where}, which no manifest can name` }
  if (certificate === '') return { remote: server, protocol, alias }
  const serverCertificate = certificates.get(certificate)
  return serverCertificate === undefined
    ? { why: `is updated from ${where}, whose certificate would be a file beside the manifest: give --out` }
    : { remote: server, protocol, alias, serverCertificate }
}
