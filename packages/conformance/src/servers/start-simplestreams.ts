import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { basename, join, normalize } from 'node:path'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { hostArchitecture } from '../fixtures/image-contents.ts'
import type { SplitImage } from '../fixtures/make-split-image.ts'
import type { SavedFile } from '../fixtures/save-bytes.ts'
import { holdBack, makeGate } from './hold-back.ts'
import { type LoopbackServer, listenLoopback } from './listen-loopback.ts'

export interface StreamedImage {
  os: string
  release: string
  /** @default 'default' */
  variant?: string
  /** The first one is the main one, such as `alpine/edge`. */
  aliases: string[]
  /** `YYYYMMDD_HH:MM`; a daemon sorts by it. @default '20231114_22:13' */
  version?: string
  /** The type of a unified file. @default none, which means a container */
  combinedType?: 'virtual-machine'
  /** A unified file, or the two files of a split image. */
  image: SavedFile | SplitImage
}

export interface SimplestreamsOptions {
  /** Folder for the tree; must exist. */
  directory: string
  images: StreamedImage[]
  /** Stops sending an image's file after so many bytes until `release()`: a download that hangs as long as a test needs. */
  holdAfter?: number
}

export interface Simplestreams extends LoopbackServer {
  /** Requested paths, in order. */
  requests: string[]
  /** Resolves when the first download is held (see `holdAfter`). */
  held: Promise<void>
  release(): void
  /** Writes the tree again. A daemon that has read it before sees the change only after about an hour, because it caches the index. */
  publish(images: StreamedImage[]): Promise<void>
}

/**
 * A simplestreams image server over plain HTTP, which daemons accept as a source. Its URL is never used again: daemons cache
 * what they have read from a URL for an hour, and another server may have had the port.
 */
export async function startSimplestreams(options: SimplestreamsOptions): Promise<Simplestreams> {
  const { directory } = options
  const base = `/${randomUUID()}`
  const requests: string[] = []
  const gate = makeGate()
  await writeTree(directory, options.images)
  const server = await listenLoopback((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = normalize(pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : '/')
    requests.push(path)
    const limit = path.startsWith('/images/') ? options.holdAfter : undefined
    void serveFile(join(directory, path), response, holdBack(gate, limit))
  })
  return {
    ...server,
    url: `${server.url}${base}`,
    requests,
    held: gate.held,
    release: gate.release,
    publish: (images) => writeTree(directory, images),
  }
}

async function serveFile(path: string, response: ServerResponse, hold: Transform): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, { 'content-length': found.size })
  await pipeline(createReadStream(path), hold, response).catch(() => {})
}

async function writeTree(directory: string, images: StreamedImage[]): Promise<void> {
  const products: Record<string, Record<string, unknown> & { versions: Record<string, unknown> }> = {}
  for (const streamed of images) {
    const { os, release, variant = 'default', version = '20231114_22:13', aliases } = streamed
    const arch = debianArchitecture()
    const name = [os.toLowerCase(), release, arch, variant].join(':')
    const folder = join('images', os.toLowerCase(), release, arch, variant, version)
    const items = await writeItems(directory, folder, streamed)
    const versions = { ...products[name]?.versions, [version]: { items } }
    products[name] = {
      aliases: aliases.join(','),
      arch,
      os,
      release,
      release_title: release,
      variant,
      versions,
    }
  }
  const streams = join(directory, 'streams', 'v1')
  await mkdir(streams, { recursive: true })
  const kind = { datatype: 'image-downloads', format: 'products:1.0' }
  const images_ = { ...kind, content_id: 'images', products }
  await writeFile(join(streams, 'images.json'), JSON.stringify(images_, null, 2))
  const listed = { ...kind, path: 'streams/v1/images.json', products: Object.keys(products) }
  await writeFile(
    join(streams, 'index.json'),
    JSON.stringify({ format: 'index:1.0', index: { images: listed } }, null, 2),
  )
}

// Item names and fields as on the public image servers. `lxd.tar.xz` is read by both daemons, `incus.tar.xz` by Incus.
async function writeItems(
  directory: string,
  folder: string,
  { image, combinedType }: StreamedImage,
): Promise<Record<string, unknown>> {
  await mkdir(join(directory, folder), { recursive: true })
  const add = async (file: SavedFile, ftype: string): Promise<Record<string, unknown>> => {
    const path = join(folder, basename(file.path))
    await copyFile(file.path, join(directory, path))
    return { ftype, path, size: file.size, sha256: file.fingerprint }
  }
  if (!('rootfs' in image)) {
    const type = combinedType === undefined ? {} : { combined_type: combinedType }
    const item = { ...(await add(image, 'lxd_combined.tar.gz')), ...type }
    return {
      'lxd_combined.tar.gz': item,
      'incus_combined.tar.gz': { ...item, ftype: 'incus_combined.tar.gz' },
    }
  }
  const [ftype, combined] = rootfsNames(image)
  const metadata = { ...(await add(image.metadata, 'lxd.tar.xz')), [combined]: image.fingerprint }
  return {
    'lxd.tar.xz': metadata,
    'incus.tar.xz': { ...metadata, ftype: 'incus.tar.xz' },
    [ftype]: await add(image.rootfs, ftype),
  }
}

function rootfsNames(image: SplitImage): [ftype: string, combined: string] {
  if (image.type === 'virtual-machine') return ['disk-kvm.img', 'combined_disk-kvm-img_sha256']
  if (image.rootfs.path.endsWith('.squashfs')) return ['squashfs', 'combined_squashfs_sha256']
  return ['root.tar.xz', 'combined_rootxz_sha256']
}

/** This machine's architecture as Debian names it: `amd64`. */
export function debianArchitecture(): string {
  const names: Record<string, string> = { x86_64: 'amd64', aarch64: 'arm64' }
  return names[hostArchitecture()] ?? hostArchitecture()
}
