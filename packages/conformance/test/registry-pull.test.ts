import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { createTransport, openUserRegistry } from '@hyperkit/connect'
import {
  type Client,
  copyImage,
  createClient,
  isHyperkitError,
  type Registry as Opened,
} from '@hyperkit/core'
import { afterAll, beforeAll, expect, onTestFinished, type TestContext, test } from 'vitest'
import { openEmbeddedTarget } from '../src/harness/open-embedded-target.ts'
import { explainAbsence } from '../src/servers/explain-absence.ts'
import { explainRegistryAbsence } from '../src/servers/find-registry.ts'
import { removeFolder } from '../src/servers/remove-folder.ts'
import { type Registry, registryUser, startRegistry } from '../src/servers/start-registry.ts'
import { startServer } from '../src/servers/start-server.ts'

interface Access {
  url: string
  serverCertificate: string
  clientCertificate: { cert: string; key: string }
}

const isNode = process.versions.bun === undefined && !('deno' in process.versions)
// Bun and Deno reach a real server in the same way for every protocol of a download, so one runtime suffices.
const kinds = isNode ? (['embedded incus-7.0', 'incus-7.0'] as const) : (['embedded incus-7.0'] as const)

const absence = explainRegistryAbsence()
const daemonAbsence = isNode ? explainAbsence('incus-7.0') : undefined
const stops: (() => Promise<unknown>)[] = []
const clients = new Map<string, Client>()
let registry: Registry
let guarded: Registry
let digest: string
let foreign: string
let daemonFolder = ''

const own = process.arch === 'arm64' ? 'arm64' : 'amd64'

beforeAll(async () => {
  if (absence !== undefined) return
  registry = await startRegistry()
  stops.push(() => registry.stop())
  guarded = await startRegistry({ access: 'basic', certificateOf: registry })
  stops.push(() => guarded.stop())
  const first = { repository: 'team/app', tag: '1', layers: ['base', 'one'] }
  // Real servers are tested on Node, and unpack what users' programs push.
  digest = await (isNode ? registry.pushWithPrograms(first) : registry.push(first))
  foreign = await registry.push({
    repository: 'team/app',
    tag: 's390x',
    architecture: 's390x',
    layers: ['s'],
  })
  await registry.pushIndex('team/app', 'foreign', [{ digest: foreign, architecture: 's390x' }])
  await registry.pushIndex('team/app', 'many', [
    { digest: foreign, architecture: 's390x' },
    { digest, architecture: own },
  ])
  await guarded.push({ repository: 'team/app', tag: '1', layers: ['private'] })
  for (const [kind, open] of [
    ['embedded incus-7.0', embedded],
    ['incus-7.0', daemon],
  ] as const)
    if (kinds.some((each) => each === kind)) {
      const access = await open()
      if (access !== undefined) clients.set(kind, await connectTo(access, kind))
    }
})

afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
})

async function embedded(): Promise<Access> {
  const target = await openEmbeddedTarget('incus-7.0', undefined, registry.certificate)
  stops.push(() => target.close())
  return target.server
}

async function daemon(): Promise<Access | undefined> {
  if (daemonAbsence !== undefined) return undefined
  const server = await startServer('incus-7.0', { environment: { SSL_CERT_FILE: registry.certificateFile } })
  stops.push(() => server.stop())
  // The HOME of the daemon.
  daemonFolder = server.directory
  return server
}

async function connectTo(
  { url, serverCertificate, clientCertificate }: Access,
  name: string,
): Promise<Client> {
  const transport = await createTransport({ url, serverCertificate, clientCertificate, name })
  stops.push(async () => transport.close?.())
  return createClient({ transport })
}

function clientOf(context: TestContext, kind: string): Client {
  if (absence !== undefined) return context.skip(absence)
  return (
    clients.get(kind) ??
    context.skip(daemonAbsence ?? 'real servers download from registries in the tests on Node')
  )
}

function open(
  { url, certificate }: Registry,
  environment: Record<string, string> = { HOME: '/nonexistent' },
): Opened {
  return openUserRegistry(url, { serverCertificate: certificate, environment, name: 'reg' })
}

async function emptied(client: Client): Promise<void> {
  for (const { fingerprint } of await client.images.list()) await client.images.delete(fingerprint)
}

test.for(kinds)(
  '%s downloads an image of a registry, whose fingerprint was known beforehand',
  async (kind, context) => {
    const client = clientOf(context, kind)
    onTestFinished(() => emptied(client))
    const expected = await open(registry).resolve('team/app:many', { architecture: own })
    const made = await client.images.createFromRemote(registry.url, {
      protocol: 'oci',
      alias: 'team/app:many',
      properties: { added: 'yes' },
    })
    expect(made).toMatchObject({
      fingerprint: expected.fingerprint,
      size: expected.size,
      type: 'container',
      architecture: own === 'amd64' ? 'x86_64' : 'aarch64',
      createdAt: new Date('2024-05-06T07:08:09Z'),
      properties: {
        architecture: own === 'amd64' ? 'x86_64' : 'aarch64',
        description: `${registry.host}/team/app (OCI)`,
        id: 'team/app:many',
        type: 'oci',
        added: 'yes',
      },
      updateSource: { protocol: 'oci', server: registry.url, alias: 'team/app:many' },
    })
  },
)

test.for(kinds)(
  'a copy to %s names the digest, so that a tag that moves meanwhile changes nothing',
  async (kind, context) => {
    const client = clientOf(context, kind)
    onTestFinished(() => emptied(client))
    const { image, mode } = await copyImage(open(registry), client, 'team/app:1', {
      aliases: ['app'],
      properties: { purpose: 'test' },
    })
    expect([mode, image.aliases.map(({ name }) => name)]).toEqual(['pull', ['app']])
    expect(image.updateSource?.alias).toBe(`team/app@${digest}`)
    expect(image.properties).toMatchObject({ type: 'oci', id: `team/app@${digest}`, purpose: 'test' })
    const again = await copyImage(open(registry), client, `team/app@${digest}`)
    expect([again.mode, again.image.fingerprint]).toEqual(['none', image.fingerprint])
    const kept = await copyImage(open(registry), client, 'team/app:many', { autoUpdate: true }).catch(
      (error: unknown) => error,
    )
    // It has the same layers; what the server recorded of it stays.
    expect(kept).toMatchObject({ mode: 'none', image: { autoUpdate: true } })
  },
)

test.for(kinds)('%s refuses what a registry does not have, and nothing changes', async (kind, context) => {
  const client = clientOf(context, kind)
  for (const [alias, words] of [
    ['team/app:9', /manifest unknown/],
    ['team/app:foreign', /no image found in image index for architecture/],
    ['nobody/nothing', /manifest unknown/],
  ] as const) {
    const error: unknown = await client.images
      .createFromRemote(registry.url, { protocol: 'oci', alias })
      .catch((reason: unknown) => reason)
    expect([alias, isHyperkitError(error, 'operation-failed')]).toEqual([alias, true])
    expect(String(error)).toMatch(words)
  }
  // The client refuses the same before the server is asked, and an image of another architecture, which the server would take.
  for (const name of ['team/app:9', 'team/app:foreign', 'team/app:s390x'])
    await expect(copyImage(open(registry), client, name)).rejects.toMatchObject({ code: 'not-found' })
  expect(await client.images.list()).toEqual([])
})

test.for(kinds)(
  '%s downloads a private image only with credentials of its own, and the error says so',
  async (kind, context) => {
    const client = clientOf(context, kind)
    const { username, password } = registryUser
    const auths = { [guarded.host]: { username, password } }
    const source = open(guarded, { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) })
    const error: unknown = await copyImage(source, client, 'team/app:1').catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'copy-failed' })
    expect(String(error)).toMatch(/authentication required/)
    expect(String(error)).toContain(
      'the server asks the registry with credentials of its own, and not with yours; log in on its machine with "skopeo login"',
    )
    expect(String(error)).not.toContain(password)
    const url = guarded.url.replace('://', `://${username}:${encodeURIComponent(password)}@`)
    const refused: unknown = await client.images
      .createFromRemote(url, { protocol: 'oci', alias: 'team/app:1' })
      .catch((reason: unknown) => reason)
    expect(refused).toMatchObject({ code: 'invalid-argument', argument: 'server' })
    expect(String(refused)).not.toContain(encodeURIComponent(password))
    expect(await client.images.list()).toEqual([])
  },
)

test('incus-7.0 downloads a private image with the credentials in its own configuration, and stores none', async (context) => {
  const client = clientOf(context, 'incus-7.0')
  const { username, password } = registryUser
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  const folder = join(daemonFolder, '.docker')
  await mkdir(folder)
  onTestFinished(() => removeFolder(folder))
  onTestFinished(() => emptied(client))
  await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [guarded.host]: { auth } } }))
  const auths = { [guarded.host]: { username, password } }
  const source = open(guarded, { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) })
  const { image } = await copyImage(source, client, 'team/app:1')
  expect(image.updateSource?.server).toBe(guarded.url)
  const record = JSON.stringify(await client.images.get(image.fingerprint))
  for (const secret of [password, encodeURIComponent(password), auth]) expect(record).not.toContain(secret)
})

test.for(kinds)(
  'an image of a registry on %s cannot leave it but by a download of another Incus',
  async (kind, context) => {
    const client = clientOf(context, kind)
    onTestFinished(() => emptied(client))
    const { image } = await copyImage(open(registry), client, 'team/app:1')
    for (const [version, words] of [
      ['lxd-5.0', /accepts no such image; use a server of Incus/],
      ['incus-6.0', undefined],
    ] as const) {
      const target = await openEmbeddedTarget(version)
      onTestFinished(() => target.close())
      const other = await connectTo(target.server, version)
      for (const mode of ['push', 'relay'] as const)
        await expect(copyImage(client, other, image.fingerprint, { mode })).rejects.toMatchObject({
          code: 'unsupported',
          message: expect.stringMatching(/by (push|relay): it comes from a registry of OCI images/),
        })
      const copied: unknown = await copyImage(client, other, image.fingerprint).catch(
        (reason: unknown) => reason,
      )
      if (words !== undefined) expect(String(copied)).toMatch(words)
      else expect(copied).toMatchObject({ mode: 'pull', image: { fingerprint: image.fingerprint } })
      const direct: unknown = await copyImage(open(registry), other, 'team/app:many').catch(
        (reason: unknown) => reason,
      )
      if (words !== undefined || !isHyperkitError(copied))
        expect(String(direct)).toMatch(
          version === 'lxd-5.0' ? /this LXD 5\.0\.2 lacks .*"instance_oci"/ : /mode|this Incus 6\.0\.4 lacks/,
        )
    }
  },
)

test.for(kinds)(
  '%s is not asked for a virtual machine, or by a fingerprint, of a registry',
  async (kind, context) => {
    const client = clientOf(context, kind)
    await expect(
      client.images.createFromRemote(registry.url, {
        protocol: 'oci',
        alias: 'team/app:1',
        imageType: 'virtual-machine',
      }),
    ).rejects.toMatchObject({ code: 'unsupported' })
    await expect(
      client.images.createFromRemote(registry.url, { protocol: 'oci', fingerprint: '0'.repeat(64) }),
    ).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(copyImage(open(registry), client, 'team/app:1', { mode: 'relay' })).rejects.toMatchObject({
      code: 'unsupported',
    })
  },
)
