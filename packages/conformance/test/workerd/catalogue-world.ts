import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { connect } from '@hyperkit/connect'
import { type Client, createClient, fetchTransport } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'
import { uploadImage } from '@hyperkit/files'
import type { ImageContents } from '../../src/fixtures/image-contents.ts'
import { makeImage } from '../../src/fixtures/make-image.ts'
import { makeSplitImage } from '../../src/fixtures/make-split-image.ts'
import { openRealTarget } from '../../src/harness/open-real-target.ts'
import { makeCertificate } from '../../src/servers/make-certificate.ts'
import { removeFolder } from '../../src/servers/remove-folder.ts'
import { type RunningWorker, startWorker } from './start-worker.ts'

export type WorldName = 'embedded incus' | 'incus' | 'lxd'

/** An image server with a separate project, and a catalogue worker that shows it. */
export interface World {
  url: string
  worker: RunningWorker
  /** A client of the project that the catalogue shows. */
  admin: Client
  folder: string
  /** The server's folder of image files; undefined if it keeps them in memory. */
  imageFolder: string | undefined
  add(options: AddOptions): Promise<{ fingerprint: string; path: string }>
  addSplit(name: string): Promise<{ fingerprint: string; metadata: string; rootfs: string }>
  /** Another worker on the same server. */
  start(bindings: Record<string, string>, cache?: string): Promise<RunningWorker>
  /** Ends the image server while the catalogue runs. */
  loseServer(): Promise<void>
  close(): Promise<void>
}

export interface AddOptions extends Partial<ImageContents> {
  name: string
  public?: boolean
  aliases?: string[]
}

interface Server {
  admin: Client
  bindings: Record<string, string>
  trusted?: string
  imageFolder?: string
  close(): Promise<void>
}

export async function openWorld(name: WorldName): Promise<World> {
  const server = await (name === 'embedded incus' ? openEmbedded() : openReal(name))
  const folder = mkdtempSync(join(tmpdir(), 'hk-catalogue-'))
  const project = `catalogue-${crypto.randomUUID().slice(0, 8)}`
  await server.admin.request({ method: 'POST', path: '/1.0/projects', json: { name: project } })
  const admin = server.admin.project(project)
  const workers: RunningWorker[] = []
  const start = async (bindings: Record<string, string>, cache?: string): Promise<RunningWorker> => {
    const worker = await startWorker({
      source: 'examples/catalogue-worker/src/worker.ts',
      folder: mkdtempSync(join(folder, 'worker-')),
      bindings: { ...server.bindings, PROJECT: project, MAX_AGE: '0', TITLE: 'Test images', ...bindings },
      trusted: server.trusted,
      cache,
    })
    workers.push(worker)
    return worker
  }
  const worker = await start({})
  let lost = false
  const removeProject = async (): Promise<void> => {
    for (const fingerprint of await admin.images.fingerprints()) await admin.images.delete(fingerprint)
    await server.admin.request({ method: 'DELETE', path: `/1.0/projects/${project}` })
    await server.close()
  }
  return {
    url: worker.url,
    worker,
    admin,
    folder,
    imageFolder: server.imageFolder,
    start,
    async add({ public: isPublic = true, aliases = [], ...contents }) {
      const image = await makeImage({ directory: folder, compression: 'none', ...contents })
      await uploadImage(admin, image.path, { public: isPublic, aliases })
      return image
    },
    async addSplit(imageName) {
      const { fingerprint, metadata, rootfs } = await makeSplitImage({ directory: folder, name: imageName })
      await uploadImage(admin, { metadata: metadata.path, rootfs: rootfs.path }, { public: true })
      return { fingerprint, metadata: metadata.path, rootfs: rootfs.path }
    },
    async loseServer() {
      lost = true
      await server.close()
    },
    async close() {
      await Promise.all(workers.map((one) => one.stop()))
      if (!lost) await removeProject()
      await removeFolder(folder)
    },
  }
}

/** Over plain HTTP, as behind a proxy on the same machine that terminates TLS; trusted by a token. */
async function openEmbedded(): Promise<Server> {
  const server = createImageServer({ dialect: 'incus' })
  const { url } = await server.listen({ http: {} })
  const admin = createClient({
    transport: fetchTransport((await server.listen({ http: { trust: 'admin' } })).url),
  })
  const { cert, key } = makeCertificate({ name: 'catalogue' })
  await admin.certificates.create('catalogue', { certificate: cert })
  return {
    admin,
    bindings: { SERVER: url, CERTIFICATE: cert, KEY: key },
    close: () => server.close(),
  }
}

/** Uses a token of a trusted certificate on Incus, and none on LXD 5.0, which does not accept tokens. */
async function openReal(dialect: 'incus' | 'lxd'): Promise<Server> {
  const target = await openRealTarget(dialect)
  const { url, socket, serverCertificate, clientCertificate } = target.server
  const { cert, key } = clientCertificate
  const admin = await connect({ socket })
  return {
    admin,
    bindings: { SERVER: url, ...(dialect === 'incus' ? { CERTIFICATE: cert, KEY: key } : {}) },
    trusted: serverCertificate,
    imageFolder: join(dirname(socket), 'images'),
    async close() {
      admin.close()
      await target.close()
    },
  }
}
