import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage, type RunningCluster, type ServerVersion, startCluster } from '@hyperkit/conformance'
import { connect } from '@hyperkit/connect'
import { type Client, createClient } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'
import { saveImage } from '@hyperkit/files'
import type { Work } from './work.ts'

/** The manifest, and the prefix of its names. */
export const owner = 'soak'

/** A cluster, a manifest of its images, and a server with an image to copy. */
export interface Scene {
  cluster: RunningCluster
  manifest: string
  folder: string
  /** Reaches the cluster by all its addresses. */
  client: Client
  source: Client
  /** Aliases that must always point at an image, once they have been seen. */
  readonly aliases: readonly string[]
  /** Gives the images of the manifest another content. */
  change(content: string): Promise<void>
  /** Milliseconds in which a kill hits the work in most cases. */
  duration(work: Work): number
  /** Waits until all members answer and count as online. */
  settle(): Promise<void>
  /** What is wrong with the images of the cluster. */
  judge(): Promise<{ lost: string[]; unowned: string[] }>
  close(): Promise<void>
}

export async function openScene(version: ServerVersion, replicas: number): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'hk-cluster-'))
  const cluster = await startCluster(version, { replicas })
  const { serverCertificate, clientCertificate } = cluster
  const urls = cluster.members.map(({ url }) => url)
  const client = await connect({ url: urls, name: 'cluster', serverCertificate, clientCertificate })
  writeFileSync(join(folder, 'server.crt'), serverCertificate)
  writeFileSync(join(folder, 'client.crt'), clientCertificate.cert)
  writeFileSync(join(folder, 'client.key'), clientCertificate.key)
  const manifest = join(folder, 'images.yaml')
  const names = [`${owner}/one`, `${owner}/two`]
  const server = createImageServer({ dialect: version.startsWith('lxd') ? 'lxd-5.0' : 'incus-7.0' })
  const source = createClient({
    transport: {
      name: 'source',
      origin: 'http://source',
      fetch: (input, init) => server.fetch(new Request(input, init as RequestInit)),
    },
  })
  return {
    cluster,
    manifest,
    folder,
    client,
    source,
    aliases: names,
    async change(content) {
      const images = []
      for (const [index, name] of names.entries()) {
        const { path } = await makeImage({
          directory: folder,
          name: `image${index}`,
          seed: `${name} ${content}`,
        })
        images.push(`  - { name: ${name}, source: { file: ${path} }, keep: 1 }\n`)
      }
      writeFileSync(
        manifest,
        `version: 1\nname: ${owner}\nservers:\n  it: { url: ${JSON.stringify(urls)}, serverCertificate: ./server.crt, clientCertificate: ./client.crt }\nimages:\n${images.join('')}prune: {}\n`,
      )
    },
    duration: (work) => ({ apply: 1_500, prune: 2_000, copy: 600, watch: 3_500, again: 0 })[work],
    settle: () => settle(cluster),
    judge: () => judge(client, names, folder),
    async close() {
      client.close()
      await server.close()
      await cluster.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function settle({ members, serverCertificate, clientCertificate }: RunningCluster): Promise<void> {
  for (const { url } of members) {
    const client = await connect({ url, serverCertificate, clientCertificate })
    try {
      for (;;) {
        const states = await client
          .request({ method: 'GET', path: '/1.0/cluster/members', query: { recursion: '1' } })
          .then(({ metadata }) => (metadata as { status: string }[]).map(({ status }) => status))
          .catch(() => [])
        const areOnline = states.length === members.length && states.every((state) => state === 'Online')
        // Fails as long as this member cannot read the instances of another.
        if (areOnline && (await client.images.used().catch(() => undefined)) !== undefined) break
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    } finally {
      client.close()
    }
  }
}

async function judge(
  client: Client,
  names: readonly string[],
  folder: string,
): Promise<{ lost: string[]; unowned: string[] }> {
  const images = await client.images.list()
  const lost: string[] = []
  for (const name of names) {
    const image = images.find(({ aliases }) => aliases.some((alias) => alias.name === name))
    if (image === undefined) lost.push(`no image has the alias ${name}`)
    else if (!(await isWhole(client, image.fingerprint, folder)))
      lost.push(`the image of ${name} has no content`)
  }
  const unowned = images
    .filter(({ properties, aliases }) => properties['hyperkit.manifest'] !== owner && aliases.length === 0)
    .map(({ fingerprint }) => `image ${fingerprint} has neither an owner nor a name`)
  return { lost, unowned }
}

async function isWhole(client: Client, fingerprint: string, folder: string): Promise<boolean> {
  const place = mkdtempSync(join(folder, 'saved-'))
  try {
    await saveImage(client, fingerprint, place)
    return true
  } catch {
    return false
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
