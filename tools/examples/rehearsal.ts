import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage, makeSplitImage, startSimplestreams, startUrlSource } from '@hyperkit/conformance'
import { createSelfSignedCertificate, createTransport, recordTransport } from '@hyperkit/connect'
import { type Client, createClient, fetchTransport } from '@hyperkit/core'
import { createImageServer, type ImageServer } from '@hyperkit/embedded'
import { serveRegistry } from './serve-registry.ts'

export interface Rehearsal {
  /** The working directory of examples; it has `noble.tar.xz`, `jammy.tar.xz`, `prod.crt`, `registry.crt` and a manifest of the image, `images.yaml`. */
  folder: string
  environment: Record<string, string>
  /** Texts that examples use without defining them, by name. */
  given: Record<string, string>
  /** Replaces the addresses in documents with addresses of this rehearsal. */
  localize(code: string): string
  /** Creates an alias and deletes it again, so that listeners receive events. */
  stir(): Promise<void>
  close(): Promise<void>
}

/** Sets up what the examples of the documents need: a default remote `prod`, a remote `lab` (also `edge`), a remote `apps` of Incus 7, and image files. */
export async function openRehearsal(): Promise<Rehearsal> {
  const folder = mkdtempSync(join(tmpdir(), 'hyperkit-examples-'))
  const server = createImageServer({
    dialect: 'incus',
    instances: [{ name: 'web1', snapshots: ['release'] }],
  })
  const https = await server.listen({ https: {} })
  const http = await server.listen({ http: { trust: 'admin' } })
  const lab = createImageServer({ dialect: 'lxd' })
  const labHttps = await lab.listen({ https: {} })
  const apps = createImageServer({ dialect: 'incus-7.0' })
  const appsHttps = await apps.listen({ https: {} })
  const registry = await serveRegistry()
  const socket = join(folder, 'unix.socket')
  await server.listen({ socket })

  const client = await createSelfSignedCertificate({ commonName: 'examples' })
  const newcomer = await createSelfSignedCertificate({ commonName: 'newcomer' })
  const admin = administrator(server)
  await admin.certificates.create('examples', { certificate: client.certificate })
  for (const other of [lab, apps])
    await administrator(other).certificates.create('examples', { certificate: client.certificate })
  await addImage(lab, folder, 'debian', 'debian/12')
  await addImage(lab, folder, 'forgotten')
  const { token } = await admin.certificates.createToken('newcomer')
  for (const name of ['images', 'backup']) mkdirSync(join(folder, name))
  const configuration = join(folder, 'incus')
  mkdirSync(join(configuration, 'servercerts'), { recursive: true })
  writeFileSync(join(configuration, 'client.crt'), client.certificate)
  writeFileSync(join(configuration, 'client.key'), client.key)
  writeFileSync(join(configuration, 'servercerts', 'prod.crt'), https.certificate)
  for (const name of ['lab', 'edge'])
    writeFileSync(join(configuration, 'servercerts', `${name}.crt`), labHttps.certificate)
  writeFileSync(join(configuration, 'servercerts', 'apps.crt'), appsHttps.certificate)
  writeFileSync(join(folder, 'registry.crt'), registry.certificate)
  const remote = (name: string, url: string): string =>
    `  ${name}:\n    addr: ${url}\n    protocol: incus\n    auth_type: tls\n`
  writeFileSync(
    join(configuration, 'config.yml'),
    `default-remote: prod\nremotes:\n${remote('prod', https.url)}${remote('lab', labHttps.url)}${remote('edge', labHttps.url)}${remote('apps', appsHttps.url)}`,
  )
  writeFileSync(join(folder, 'prod.crt'), https.certificate)
  const source = await openSource(folder, newcomer.certificate)
  const image = await makeImage({
    directory: folder,
    name: 'noble',
    compression: 'xz',
    properties: { os: 'ubuntu' },
  })
  await makeImage({ directory: folder, name: 'jammy', compression: 'xz', properties: { os: 'ubuntu' } })
  const split = await makeSplitImage({ directory: folder, name: 'web', rootfs: 'qcow2', compression: 'xz' })
  renameSync(split.metadata.path, join(folder, 'meta.tar.xz'))
  renameSync(split.rootfs.path, join(folder, 'disk.qcow2'))
  const open = (): ReadableStream<Uint8Array> => new Blob([new Uint8Array(readFileSync(image.path))]).stream()
  writeFileSync(
    join(folder, 'images.yaml'),
    'version: 1\nname: base-images\nservers: { prod: { remote: prod } }\nimages:\n  - { name: ubuntu/noble, source: { file: noble.tar.xz } }\n',
  )
  await admin.images.upload(
    { kind: 'unified', open },
    { aliases: ['ubuntu/noble'], filename: 'noble.tar.xz', public: true },
  )
  const taped = recordTransport(await createTransport({ socket }), { directory: join(folder, 'tapes') })
  await createClient({ transport: taped }).server()
  taped.close?.()
  return {
    folder,
    given: {
      token,
      fingerprint: https.fingerprint,
      pem: https.certificate,
      cert: newcomer.certificate,
      key: newcomer.key,
      sourceCertificate: source.certificate,
    },
    environment: { INCUS_CONF: configuration, LXD_CONF: join(folder, 'none') },
    localize: (code) =>
      code
        .replaceAll('https://images.example.org:8443', http.url)
        .replaceAll('https://10.1.0.7:8443', https.url)
        // The same for manifests, where `insecure` is a separate key.
        .replaceAll('"https://streams.example.org"', `"${source.streamsUrl}", insecure: true`)
        .replaceAll('"https://files.example.org/trusty"', `"${source.pageUrl}", insecure: true`)
        .replaceAll('"https://registry.example.org"', `"${registry.url}"`)
        // Over plain http, because nobody vouches for a certificate of this machine.
        .replaceAll("'https://streams.example.org'", `'${source.streamsUrl}', { insecure: true }`)
        .replaceAll('https://source.example.org:8443', source.url)
        .replaceAll('http://www.example.org/ubuntu-14.04', source.pageUrl)
        .replaceAll('/var/lib/incus/unix.socket', socket),
    async stir() {
      const { target } = await admin.aliases.get('ubuntu/noble')
      await admin.aliases.create('stirred', { target })
      await admin.aliases.delete('stirred')
    },
    async close() {
      await Promise.all([server, lab, apps, registry, source].map((each) => each.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Puts a small image on a server; without an alias nobody needs it there. */
async function addImage(
  server: ImageServer,
  folder: string,
  name: string,
  alias?: string,
): Promise<Awaited<ReturnType<typeof makeImage>>> {
  const image = await makeImage({ directory: folder, name, properties: { os: name } })
  const open = (): ReadableStream<Uint8Array> => new Blob([new Uint8Array(readFileSync(image.path))]).stream()
  await administrator(server).images.upload(
    { kind: 'unified', open },
    {
      aliases: alias === undefined ? [] : [alias],
      public: true,
    },
  )
  return image
}

/** A second server, with a public `alpine/edge`, and a page that names an image. */
async function openSource(
  folder: string,
  trusted: string,
): Promise<{
  url: string
  certificate: string
  pageUrl: string
  streamsUrl: string
  close(): Promise<void>
}> {
  const server = createImageServer({ dialect: 'incus' })
  const { url, certificate } = await server.listen({ https: {} })
  await administrator(server).certificates.create('examples', { certificate: trusted })
  const alpine = await addImage(server, folder, 'alpine', 'alpine/edge')
  const trusty = await makeImage({ directory: folder, name: 'trusty', properties: { os: 'ubuntu' } })
  const page = await startUrlSource({ image: trusty })
  const directory = join(folder, 'streams')
  mkdirSync(directory)
  const streamed = { os: 'Alpine', release: 'edge', aliases: ['alpine/edge'], image: alpine }
  const streams = await startSimplestreams({ directory, images: [streamed] })
  return {
    url,
    certificate,
    pageUrl: page.pageUrl,
    streamsUrl: streams.url,
    async close() {
      await server.close()
      await page.stop()
      await streams.stop()
    },
  }
}

function administrator(server: ImageServer): Client {
  const fetch = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> =>
    server.fetch(new Request(input, init))
  return createClient({ transport: fetchTransport('http://unix.socket', { fetch }) })
}
