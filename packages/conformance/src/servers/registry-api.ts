import { createHash } from 'node:crypto'
import { request } from 'node:https'
import process from 'node:process'
import { gzipSync } from 'node:zlib'
import { tarFile, writeTar } from '../fixtures/write-tar.ts'

/** How to reach the API of a registry that tests have started. */
export interface RegistryApi {
  /** `https://127.0.0.1:PORT` */
  url: string
  /** PEM. */
  ca: string
  /** The value of Authorization for a repository; undefined if the registry wants none. */
  authorize(repository: string): string | undefined
}

export interface PushedImage {
  /** `team/app` */
  repository: string
  tag: string
  /** As registries name it. @default this machine's */
  architecture?: string
  /** One layer with a file each. */
  layers: readonly string[]
}

const created = '2024-05-06T07:08:09Z'
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const indexType = 'application/vnd.oci.image.index.v1+json'

/** Makes an image and pushes it: the same that umoci makes and skopeo pushes, without their processes. @returns the digest of its manifest */
export async function pushImage(
  api: RegistryApi,
  { repository, tag, architecture = ownArchitecture(), layers }: PushedImage,
): Promise<string> {
  const archives = layers.map((text, index) =>
    Buffer.concat([...writeTar([tarFile(`etc/layer-${index}`, text)], Date.parse(created) / 1000)]),
  )
  const rootfs = { type: 'layers', diff_ids: archives.map(digestOf) }
  const config = { created, architecture, os: 'linux', config: { Cmd: ['/bin/sh'] }, rootfs }
  const packed = archives.map((archive) => gzipSync(archive))
  const described = Buffer.from(JSON.stringify(config))
  for (const blob of [...packed, described]) await pushBlob(api, repository, blob)
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: describe(described, 'application/vnd.oci.image.config.v1+json'),
    layers: packed.map((layer) => describe(layer, 'application/vnd.oci.image.layer.v1.tar+gzip')),
  }
  return pushManifest(api, `${repository}/manifests/${tag}`, manifest)
}

/** Pushes an index of manifests that the repository has. @returns its digest */
export async function pushIndex(
  api: RegistryApi,
  repository: string,
  tag: string,
  entries: readonly { digest: string; architecture: string }[],
): Promise<string> {
  const manifests = await Promise.all(
    entries.map(async ({ digest, architecture }) => {
      const { headers } = await send(api, 'HEAD', `${repository}/manifests/${digest}`, {
        accept: manifestType,
      })
      const size = Number(headers['content-length'])
      return { mediaType: manifestType, digest, size, platform: { architecture, os: 'linux' } }
    }),
  )
  const index = { schemaVersion: 2, mediaType: indexType, manifests }
  return pushManifest(api, `${repository}/manifests/${tag}`, index)
}

async function pushManifest(
  api: RegistryApi,
  place: string,
  manifest: { mediaType: string },
): Promise<string> {
  const body = Buffer.from(JSON.stringify(manifest))
  await send(api, 'PUT', place, { 'content-type': manifest.mediaType }, body)
  return digestOf(body)
}

async function pushBlob(api: RegistryApi, repository: string, blob: Buffer): Promise<void> {
  const { headers } = await send(api, 'POST', `${repository}/blobs/uploads/`, { 'content-length': '0' })
  const to = new URL(String(headers.location), api.url)
  to.searchParams.set('digest', digestOf(blob))
  await send(api, 'PUT', to.href, { 'content-type': 'application/octet-stream' }, blob)
}

/** @param place below `/v2/`, or a URL that the registry gave */
async function send(
  { url, ca, authorize }: RegistryApi,
  method: string,
  place: string,
  headers: Record<string, string>,
  body?: Buffer,
): Promise<{ headers: Record<string, unknown> }> {
  const to = new URL(place.startsWith('https:') ? place : `/v2/${place}`, url)
  const repository = /^\/v2\/(.*)\/(?:blobs|manifests)\//.exec(to.pathname)?.[1] ?? ''
  const authorization = authorize(repository)
  return new Promise((resolve, reject) => {
    const all = { ...headers, ...(authorization === undefined ? {} : { authorization }) }
    const sent = request(to, { ca, method, headers: all, agent: false }, (answer) => {
      answer.resume()
      const { statusCode = 0 } = answer
      if (statusCode < 300) answer.once('end', () => resolve({ headers: answer.headers }))
      else reject(new Error(`Cannot push to ${url}: ${method} ${to.pathname} was answered by ${statusCode}`))
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

function describe(content: Buffer, mediaType: string): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest: digestOf(content), size: content.length }
}

function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

function ownArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch
}
