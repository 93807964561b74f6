import { createHash } from 'node:crypto'
import type { Dialect } from '../dialect/dialect.ts'
import { fill } from '../dialect/fill.ts'
import type { IncomingImage } from '../ingest/incoming-image.ts'
import { zeroTime } from '../json/timestamp.ts'
import { requestRemote } from '../remote/request-remote.ts'
import type { DraftBlob, StoredBlob } from '../store/store.ts'
import { readSimplestreams, type StreamItem, type StreamVersion } from './read-simplestreams.ts'
import type { DownloadOptions, ResolvedImage } from './resolved-image.ts'
import { watchProgress } from './watch-progress.ts'

/** Files that make up one image. */
interface Choice {
  fingerprint: string
  type: 'container' | 'virtual-machine'
  files: StreamItem[]
}

const rootfsKinds: readonly { ftype: string; combined: string; type: Choice['type'] }[] = [
  { ftype: 'squashfs', combined: 'combined_squashfs_sha256', type: 'container' },
  { ftype: 'root.tar.xz', combined: 'combined_rootxz_sha256', type: 'container' },
  { ftype: 'root.tar.xz', combined: 'combined_sha256', type: 'container' },
  { ftype: 'disk-kvm.img', combined: 'combined_disk-kvm-img_sha256', type: 'virtual-machine' },
  { ftype: 'disk1.img', combined: 'combined_disk1-img_sha256', type: 'virtual-machine' },
]

/** Looks an image up in a simplestreams tree: the newest version of an alias, or a fingerprint. */
export async function resolveSimplestreamsImage(
  dialect: Dialect,
  server: string,
  name: string,
  imageType: string,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const wanted = imageType === '' ? 'container' : imageType
  let versions: StreamVersion[]
  try {
    versions = await readSimplestreams(dialect, server, signal)
  } catch (error) {
    const reason = `Failed parsing stream: ${(error as Error).message}`
    throw new Error(`Failed getting remote image info: Failed getting image: ${reason}`, { cause: error })
  }
  for (const version of versions) {
    const here = choicesOf(version, dialect)
    const choice = here.find((one) => one.fingerprint.startsWith(name) && /^[0-9a-f]{12,}$/.test(name))
    const byAlias = names(version).includes(name) ? here.find((one) => one.type === wanted) : undefined
    const chosen = byAlias ?? choice
    if (chosen !== undefined) return describe(server, version, chosen)
  }
  throw new Error(`Failed getting remote image info: ${fill(dialect.missingStreamImage, name)}`)
}

/** An alias matches only for this architecture, or if it names its architecture. */
function names({ aliases, architecture }: StreamVersion): string[] {
  const long = aliases.map((alias) => `${alias}/${architecture}`)
  return architecture === 'amd64' || architecture === 'x86_64' ? [...aliases, ...long] : long
}

/** The files of the server's own kind come first: LXD 5.0.2 and Incus 6.0.4 use no others if there are both. */
function choicesOf(version: StreamVersion, { kind, combinedType }: Dialect): Choice[] {
  const rank = ({ ftype }: StreamItem): number => (/^(lxd|incus)[._]/.exec(ftype)?.[1] === kind ? 0 : 1)
  const items = [...version.items].sort((a, b) => rank(a) - rank(b))
  const choices: Choice[] = []
  for (const item of items) {
    if (/^(lxd|incus)_combined\.tar\.gz$/.test(item.ftype)) {
      const isVm = combinedType && item.combinedType === 'virtual-machine'
      const type = isVm ? 'virtual-machine' : 'container'
      choices.push({ fingerprint: item.sha256, type, files: [item] })
    }
  }
  const metadata = items.find(({ ftype }) => ftype === 'lxd.tar.xz' || ftype === 'incus.tar.xz')
  if (metadata === undefined) return choices
  for (const { ftype, combined, type } of rootfsKinds) {
    const rootfs = items.find((item) => item.ftype === ftype)
    const fingerprint = metadata.combined[combined]
    if (rootfs !== undefined && fingerprint !== undefined)
      choices.push({ fingerprint, type, files: [metadata, rootfs] })
  }
  return choices
}

function describe(server: string, version: StreamVersion, choice: Choice): ResolvedImage {
  const date = /^(\d{4})(\d\d)(\d\d)/.exec(version.version)
  const { properties, architecture } = version
  return {
    fingerprint: choice.fingerprint,
    info: {
      architecture: architecture === 'amd64' ? 'x86_64' : architecture,
      properties: { ...properties, type: choice.files[1]?.ftype ?? 'tar.gz' },
      filename: choice.files[0]?.path.split('/').pop() ?? '',
      type: choice.type,
      createdAt: date === null ? zeroTime : `${date[1]}-${date[2]}-${date[3]}T00:00:00Z`,
      expiresAt: version.expiresAt ?? zeroTime,
    },
    download: (options) => downloadFiles(server.replace(/\/+$/, ''), choice, options),
  }
}

async function downloadFiles(base: string, choice: Choice, options: DownloadOptions): Promise<IncomingImage> {
  const hash = createHash('sha256')
  const drafts: DraftBlob[] = []
  const blobs: StoredBlob[] = []
  try {
    for (const [index, { path, size }] of choice.files.entries()) {
      const url = `${base}/${path}`
      const answer = await requestRemote(url, { signal: options.signal })
      if (answer.statusCode !== 200) throw new Error(`Unable to fetch ${url}: ${answer.statusCode}`)
      const draft = await options.store.draftBlob()
      drafts.push(draft)
      const label = index === 0 && choice.files.length > 1 ? 'metadata: ' : 'rootfs: '
      for await (const chunk of watchProgress(answer, size, label, options.onProgress)) {
        hash.update(chunk)
        await draft.write(chunk)
      }
      blobs.push(await draft.finish())
    }
  } catch (error) {
    for (const draft of drafts) await draft.discard()
    throw error
  }
  return assemble(hash.digest('hex'), choice, blobs, drafts)
}

function assemble(
  fingerprint: string,
  choice: Choice,
  blobs: StoredBlob[],
  drafts: DraftBlob[],
): IncomingImage {
  const [archive, rootfs] = blobs
  if (archive === undefined) throw new Error('image without files')
  const image = { fingerprint, size: blobs.reduce((sum, { size }) => sum + size, 0), archive, drafts }
  if (rootfs === undefined) return image
  const part = choice.type === 'container' ? ('rootfs' as const) : ('rootfs.img' as const)
  return { ...image, rootfs: { part, blob: rootfs, filename: '' } }
}
