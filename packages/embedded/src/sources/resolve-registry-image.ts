import { createHash } from 'node:crypto'
import process from 'node:process'
import { gunzipSync, gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import type { IncomingImage } from '../ingest/incoming-image.ts'
import type { DraftBlob, Store } from '../store/store.ts'
import { type RegistryReference, readBlob, readRegistryManifest } from './read-registry.ts'
import type { ResolvedImage } from './resolved-image.ts'

interface Asked {
  /** The address of the registry; it may contain a user and password. */
  server: string
  /** `team/app:1`, `team/app@sha256:…`; of `team/app:1@sha256:…` only the digest counts. */
  name: string
  imageType: string
  /** PEM of further authorities that this server trusts. */
  authorities: string | undefined
  signal: AbortSignal
}

/** Looks an image up in a registry of OCI images, as Incus does with skopeo. */
export async function resolveRegistryImage(asked: Asked): Promise<ResolvedImage> {
  const { server, imageType, signal } = asked
  const { username, password, host, pathname, origin } = new URL(server)
  const [tagged = '', hash] = asked.name.split('@')
  if (hash !== undefined && tagged.includes(':')) await foundByDigest(asked)
  const name = hash === undefined ? tagged : `${tagged.replace(/:.*$/, '')}@${hash}`
  const [repository = '', tag = 'latest'] = (name.split('@')[0] ?? '').split(':')
  const path = `${pathname.replace(/^\/|\/$/g, '')}/${repository}`.replace(/^\//, '')
  const user = [username, password].map(decodeURIComponent).join(':')
  const reference: RegistryReference = {
    origin,
    host,
    repository: path,
    version: hash ?? tag,
    authorization: username === '' ? undefined : `Basic ${Buffer.from(user).toString('base64')}`,
    authorities: asked.authorities,
    signal,
  }
  const full = `${host}/${path}${name.slice(repository.length)}`
  const inspect = `skopeo --insecure-policy inspect docker://${full} --no-tags`
  const { manifest, config } = await inspectImage(reference, full).catch((error: Error) => {
    throw new Error(`Failed getting remote image info: Failed to run: ${inspect}: ${error.message}`, {
      cause: error,
    })
  })
  if (imageType === 'virtual-machine')
    throw new Error(
      'The requested image couldn\'t be found for instance type "virtual-machine", but one was found for instance type "container"',
    )
  const fingerprint = createHash('sha256')
    .update(manifest.layers.map(({ digest }) => digest).join(''))
    .digest('hex')
  const architecture = kernelNames[config.architecture] ?? config.architecture
  const size = manifest.layers.reduce((sum, layer) => sum + layer.size, 0)
  return {
    fingerprint,
    info: {
      architecture,
      properties: { architecture, description: `${host}/${path} (OCI)`, id: name, type: 'oci' },
      filename: '',
      type: 'container',
      createdAt: config.created,
      expiresAt: '0001-01-01T00:00:00Z',
    },
    cannotCancel: true,
    async download({ store, onProgress }) {
      onProgress('Retrieving OCI image from registry')
      const layers: Buffer[] = []
      for (const { digest } of manifest.layers) layers.push(await readBlob(reference, digest))
      onProgress('Unpacking the OCI image')
      const metadata = {
        architecture,
        creation_date: Math.floor(Date.parse(config.created) / 1000),
        expiry_date: 0,
        properties: null,
        templates: null,
      }
      const archive = await packTar([
        { header: { name: 'config.json', size: 2, type: 'file' }, body: '{}' },
        {
          header: { name: 'metadata.yaml', size: JSON.stringify(metadata).length, type: 'file' },
          body: JSON.stringify(metadata),
        },
      ])
      return keepFiles(store, { fingerprint, size }, gzipSync(archive), gzipSync(joinLayers(layers)))
    },
  }
}

/** The words of a failure get lost if a name has both a tag and a digest (Incus 7.0.2). */
async function foundByDigest(asked: Asked): Promise<void> {
  await resolveRegistryImage({ ...asked, name: asked.name.replace(/:[^@]*/, '') }).catch((error: Error) => {
    if (!/couldn't be found for instance type/.test(error.message))
      throw new Error('Failed getting remote image info: Image not found', { cause: error })
  })
}

interface Inspected {
  manifest: Awaited<ReturnType<typeof readRegistryManifest>>
  config: { architecture: string; created: string }
}

async function inspectImage(reference: RegistryReference, full: string): Promise<Inspected> {
  const own = process.arch === 'x64' ? 'amd64' : process.arch
  const manifest = await readRegistryManifest(reference, own, full)
  const config = JSON.parse((await readBlob(reference, manifest.config)).toString()) as Inspected['config']
  return { manifest, config }
}

const kernelNames: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64', 386: 'i686' }

/** One archive of all layers; a file of a later layer comes after that of an earlier one, and replaces it when it is unpacked. */
function joinLayers(layers: readonly Buffer[]): Buffer {
  const contents = layers.map((layer) => {
    const tar = layer[0] === 0x1f && layer[1] === 0x8b ? gunzipSync(layer) : layer
    let end = tar.length
    // The two blocks of zeros that end an archive.
    while (end >= 512 && tar.subarray(end - 512, end).every((byte) => byte === 0)) end -= 512
    return tar.subarray(0, end)
  })
  return Buffer.concat([...contents, Buffer.alloc(1024)])
}

async function keepFiles(
  store: Store,
  facts: { fingerprint: string; size: number },
  metadata: Uint8Array,
  rootfs: Uint8Array,
): Promise<IncomingImage> {
  const drafts: DraftBlob[] = []
  const keep = async (bytes: Uint8Array) => {
    const draft = await store.draftBlob()
    drafts.push(draft)
    await draft.write(bytes)
    return draft.finish()
  }
  const archive = await keep(metadata)
  const blob = await keep(rootfs)
  return { ...facts, archive, rootfs: { part: 'rootfs', blob, filename: 'rootfs.tar.gz' }, drafts }
}
