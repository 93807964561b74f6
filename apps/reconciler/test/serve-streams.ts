import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { type FileServer, serveFiles } from './serve-file.ts'

export interface StreamedFile {
  /** `20260101_00:00` */
  version: string
  /** Path of a unified image. */
  file: string
  /** Path of another unified image, for Incus. */
  incusFile?: string
}

/**
 * Starts a simplestreams server over plain http with one product, `alpine/edge` for the architecture of this machine. Its URL
 * contains a random part, because daemons cache a URL for an hour, and another server may have had the same port.
 */
export async function serveStreams(versions: () => readonly StreamedFile[]): Promise<FileServer> {
  const base = `/${randomUUID()}`
  const server = await serveFiles((request, response) => {
    const { url = '' } = request
    const path = url.startsWith(base) ? url.slice(base.length) : ''
    const found = versions()
      .flatMap(({ version, file, incusFile = file }) => [
        { at: `/images/${version}.tar.gz`, file },
        { at: `/images/incus-${version}.tar.gz`, file: incusFile },
      ])
      .find(({ at }) => at === path)
    const bytes =
      path === '/streams/v1/index.json'
        ? Buffer.from(JSON.stringify(index))
        : path === '/streams/v1/images.json'
          ? Buffer.from(JSON.stringify(productsOf(versions())))
          : found && readFileSync(found.file)
    if (bytes === undefined) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-length': bytes.length })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  })
  return { ...server, url: `${server.url}${base}` }
}

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
const product = `alpine:edge:${architecture}:default`
const kind = { datatype: 'image-downloads', format: 'products:1.0' }
const index = {
  format: 'index:1.0',
  index: { images: { ...kind, path: 'streams/v1/images.json', products: [product] } },
}

function productsOf(versions: readonly StreamedFile[]): unknown {
  const listed = versions.map(({ version, file, incusFile }) => {
    const lxd = itemOf(`images/${version}.tar.gz`, file)
    const incus = incusFile === undefined ? lxd : itemOf(`images/incus-${version}.tar.gz`, incusFile)
    const items = Object.entries({ 'lxd_combined.tar.gz': lxd, 'incus_combined.tar.gz': incus })
    return [version, { items: Object.fromEntries(items.map(([ftype, item]) => [ftype, { ftype, ...item }])) }]
  })
  const described = {
    os: 'Alpine',
    release: 'edge',
    release_title: 'edge',
    variant: 'default',
    arch: architecture,
  }
  const products = {
    [product]: { ...described, aliases: 'alpine/edge', versions: Object.fromEntries(listed) },
  }
  return { ...kind, content_id: 'images', products }
}

function itemOf(path: string, file: string): { path: string; size: number; sha256: string } {
  const bytes = readFileSync(file)
  return { path, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}
