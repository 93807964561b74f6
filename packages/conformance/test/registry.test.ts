import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { openUserRegistry } from '@hyperkit/connect'
import { isHyperkitError, type Registry as OpenedRegistry } from '@hyperkit/core'
import { afterAll, beforeAll, expect, onTestFinished, type TestContext, test } from 'vitest'
import { explainRegistryAbsence } from '../src/servers/find-registry.ts'
import { removeFolder } from '../src/servers/remove-folder.ts'
import { type Registry, registryUser, startRegistry } from '../src/servers/start-registry.ts'

const kinds = ['open', 'basic', 'token'] as const
type Kind = (typeof kinds)[number]

const isNode = process.versions.bun === undefined && !('deno' in process.versions)
const absence = explainRegistryAbsence()
const registries: Partial<Record<Kind, Registry>> = {}
let digest = ''
let index = ''

beforeAll(async () => {
  if (absence !== undefined) return
  await Promise.all(
    kinds.map(async (kind) => {
      registries[kind] = await startRegistry({ access: kind })
    }),
  )
  const { open } = registries
  if (open === undefined) return
  const first = { repository: 'team/app', tag: '1', layers: ['base', 'one'] }
  // What users' programs push is the same whatever runtime reads it.
  digest = await (isNode ? open.pushWithPrograms(first) : open.push(first))
  const foreign = await open.push({
    repository: 'team/app',
    tag: 'foreign',
    architecture: 's390x',
    layers: ['s'],
  })
  index = await open.pushIndex('team/app', 'many', [
    { digest, architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' },
    { digest: foreign, architecture: 's390x' },
  ])
  for (const kind of ['basic', 'token'] as const)
    await registries[kind]?.push({ repository: 'private/app', tag: '1', layers: [kind] })
})

afterAll(async () => {
  await Promise.all(Object.values(registries).map((registry) => registry.stop()))
})

function find(context: TestContext, kind: Kind): Registry {
  return registries[kind] ?? context.skip(absence ?? 'the registry did not start')
}

function openAt(
  { url, certificate }: Registry,
  environment: Record<string, string> = { HOME: '/nonexistent' },
): OpenedRegistry {
  return openUserRegistry(url, { serverCertificate: certificate, environment, name: 'reg' })
}

const auth = Buffer.from(`${registryUser.username}:${registryUser.password}`).toString('base64')

test('a tag of a real registry leads to the digests, size, time and architectures that were pushed', async (context) => {
  const registry = openAt(find(context, 'open'))
  const image = await registry.resolve('team/app:1')
  expect(image).toMatchObject({
    digest,
    pinned: `team/app@${digest}`,
    createdAt: new Date('2024-05-06T07:08:09Z'),
  })
  expect(image.size).toBeGreaterThan(50)
  expect(await registry.digest('team/app:many')).toBe(index)
  const many = await registry.resolve('team/app:many', { architecture: image.architecture })
  expect(many).toMatchObject({ fingerprint: image.fingerprint, digest: index })
  expect(many.architectures).toEqual([image.architecture, 's390x'])
  expect((await registry.resolve('team/app:many', { architecture: 's390x' })).fingerprint).not.toBe(
    image.fingerprint,
  )
  expect((await registry.tags('team/app')).sort()).toEqual(['1', 'foreign', 'many'])
  expect(await registry.repositories()).toEqual(['team/app'])
})

test('an image that a real registry does not have is not found', async (context) => {
  const registry = openAt(find(context, 'open'))
  for (const name of ['team/app:9', 'nobody/nothing', `team/app@sha256:${'0'.repeat(64)}`]) {
    const error: unknown = await registry.resolve(name).catch((reason: unknown) => reason)
    expect([name, isHyperkitError(error, 'not-found')]).toEqual([name, true])
  }
})

test.for(['basic', 'token'] as const)(
  'a private image of a registry with %s is shown to the user of docker, and to nobody else',
  async (kind, context) => {
    const registry = find(context, kind)
    await expect(openAt(registry).resolve('private/app:1')).rejects.toMatchObject({ code: 'not-authorized' })
    const config = { auths: { [`https://${registry.host}/v1/`]: { auth } } }
    const inline = openAt(registry, { DOCKER_AUTH_CONFIG: JSON.stringify(config) })
    expect((await inline.resolve('private/app:1')).size).toBeGreaterThan(0)
    const directory = await mkdtemp(join(tmpdir(), 'hk-docker-'))
    onTestFinished(() => removeFolder(directory))
    await writeFile(join(directory, 'config.json'), JSON.stringify(config))
    expect(await openAt(registry, { DOCKER_CONFIG: directory }).tags('private/app')).toEqual(['1'])
    const wrong = { auths: { [registry.host]: { username: 'ada', password: 'hidden' } } }
    const error: unknown = await openAt(registry, { DOCKER_AUTH_CONFIG: JSON.stringify(wrong) })
      .resolve('private/app:1')
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'not-authorized' })
    expect(String(error)).toContain('does not accept the credentials of "ada" in DOCKER_AUTH_CONFIG')
    expect(String(error)).not.toContain('hidden')
  },
)

test('a credentials helper of docker is asked for the registry by its host', async (context) => {
  const registry = find(context, 'basic')
  const directory = await mkdtemp(join(tmpdir(), 'hk-docker-'))
  onTestFinished(() => removeFolder(directory))
  const helper = join(directory, 'docker-credential-test')
  const answer = JSON.stringify({ Username: registryUser.username, Secret: registryUser.password })
  await writeFile(
    helper,
    `#!/bin/sh\n[ "$1 $(cat)" = "get ${registry.host}" ] && echo '${answer}' && exit\necho credentials not found in native keychain; exit 1\n`,
  )
  await chmod(helper, 0o755)
  const PATH = `${directory}:${process.env.PATH}`
  const named = { PATH, DOCKER_AUTH_CONFIG: JSON.stringify({ credHelpers: { [registry.host]: 'test' } }) }
  expect((await openAt(registry, named).resolve('private/app:1')).size).toBeGreaterThan(0)
  const { url, certificate: serverCertificate } = registry
  const own = openUserRegistry(url, { serverCertificate, credentialsHelper: helper, environment: { PATH } })
  expect(await own.digest('private/app:1')).toMatch(/^sha256:/)
  const absent = openUserRegistry(url, {
    serverCertificate,
    credentialsHelper: 'docker-credential-absent',
    environment: { PATH },
  })
  await expect(absent.digest('private/app:1')).rejects.toMatchObject({
    code: 'invalid-configuration',
    message: expect.stringContaining('"docker-credential-absent" cannot be started (ENOENT)'),
  })
})
