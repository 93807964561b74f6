import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage, type RunningCluster, type ServerVersion, startCluster } from '@hyperkit/conformance'
import { connect } from '@hyperkit/connect'
import { type Client, createClient } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'
import { createTrace, type Trace } from './trace.ts'

/** The manifest, and the prefix of its names. */
export const owner = 'soak'

/** A cluster, a manifest of its images, and a server with an image to copy. */
export interface Scene {
  cluster: RunningCluster
  manifest: string
  folder: string
  /** Reaches the cluster by all its addresses, to look at it. */
  client: Client
  /** The same for the work; its requests are traced. */
  worker: Client
  trace: Trace
  source: Client
  /** Aliases that must always point at an image, once they have been seen. */
  readonly aliases: readonly string[]
  /** Files of the images that the aliases should point at. */
  readonly files: readonly string[]
  /** Aliases of images that were copied. */
  readonly copied: string[]
  /** Gives the images of the manifest another content. */
  change(content: string): Promise<void>
  close(): Promise<void>
}

export async function openScene(version: ServerVersion, replicas: number): Promise<Scene> {
  // The default of servers: on a busy machine, members that live are late with their heartbeats.
  const cluster = await startCluster(version, { replicas, offlineThreshold: 20 })
  const folder = mkdtempSync(join(tmpdir(), 'hk-cluster-'))
  const { serverCertificate, clientCertificate } = cluster
  const urls = cluster.members.map(({ url }) => url)
  const trace = createTrace()
  const { wrapTransport } = trace
  const place = { url: urls, name: 'cluster', serverCertificate, clientCertificate }
  const client = await connect(place)
  const worker = await connect({ ...place, wrapTransport })
  const { server, source } = openSource(version)
  writeFileSync(join(folder, 'server.crt'), serverCertificate)
  writeFileSync(join(folder, 'client.crt'), clientCertificate.cert)
  writeFileSync(join(folder, 'client.key'), clientCertificate.key)
  const manifest = join(folder, 'images.yaml')
  const aliases = [`${owner}/one`, `${owner}/two`]
  const files: string[] = []
  return {
    cluster,
    manifest,
    folder,
    client,
    worker,
    trace,
    source,
    aliases,
    files,
    copied: [],
    async change(content) {
      const images = []
      for (const [index, name] of aliases.entries()) {
        const seed = `${name} ${content}`
        const { path } = await makeImage({ directory: folder, name: `image${index}`, seed })
        files[index] = path
        images.push(`  - { name: ${name}, source: { file: ${path} }, keep: 1 }\n`)
      }
      writeFileSync(
        manifest,
        `version: 1\nname: ${owner}\nservers:\n  it: { url: ${JSON.stringify(urls)}, serverCertificate: ./server.crt, clientCertificate: ./client.crt }\nimages:\n${images.join('')}prune: {}\n`,
      )
    },
    async close() {
      client.close()
      worker.close()
      await server.close()
      await cluster.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function openSource(version: ServerVersion): {
  server: ReturnType<typeof createImageServer>
  source: Client
} {
  const server = createImageServer({ dialect: version.startsWith('lxd') ? 'lxd-5.0' : 'incus-7.0' })
  const source = createClient({
    transport: {
      name: 'source',
      origin: 'http://source',
      fetch: (input, init) => server.fetch(new Request(input, init as RequestInit)),
    },
  })
  return { server, source }
}
