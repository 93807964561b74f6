import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadImage } from '@hyperkit/files'
import { changesOf, type Plan } from '@hyperkit/reconcile'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { prepare } from './plan-and-apply.ts'
import { type ScriptedRegistry, scriptRegistry } from './scripted-registry.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-registry-plan-'))
let first: OpenServer
let second: OpenServer
let lxd: OpenServer
let registry: ScriptedRegistry
beforeAll(async () => {
  first = await openEmbedded(cwd, { dialect: 'incus-7.0' })
  second = await openEmbedded(cwd, { dialect: 'incus-7.0' })
  lxd = await openEmbedded(cwd, { dialect: 'lxd-5.0' })
  writeFileSync(
    join(cwd, 'config.yml'),
    'remotes: { hub: { addr: "https://registry.invalid", protocol: oci, public: true } }\n',
  )
})
beforeEach(() => {
  registry = scriptRegistry()
  vi.stubEnv('INCUS_CONF', cwd)
  vi.stubEnv('DOCKER_CONFIG', cwd)
  // What is kept on disk would answer instead of the registry.
  vi.stubEnv('XDG_CACHE_HOME', mkdtempSync(join(cwd, 'cache-')))
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  for (const server of [first, second, lxd]) await server?.close()
  rmSync(cwd, { recursive: true, force: true })
})

const source = 'remote: "https://registry.invalid", protocol: oci, alias: "team/app:1"'

/** Plans images, each of `name: source` and further keys. */
async function planOf(
  images: readonly string[],
  servers: Record<string, OpenServer> = { first },
): Promise<Plan> {
  const path = join(cwd, 'images.yaml')
  const entries = Object.entries(servers).map(([name, { yaml }]) => `  ${name}: ${yaml}\n`)
  const list = images.map((image) => `  - { ${image} }\n`)
  writeFileSync(path, `version: 1\nname: m\nservers:\n${entries.join('')}images:\n${list.join('')}`)
  const prepared = await prepare(path, {}, { wrapTransport: (transport) => registry.wrap(transport) })
  await prepared.close()
  return prepared.plan
}

/** The messages of what is not planned; nothing may be planned beside. */
function refusalsOf(plan: Plan): string[] {
  expect(changesOf(plan)).toEqual([])
  return plan.servers.flatMap((server) =>
    server.status === 'planned' ? (server.problems ?? []).map(({ error }) => error.message) : [],
  )
}

test('a plan asks a registry once for each tag and document, whatever the number of servers and images', async () => {
  const servers = Object.fromEntries(
    [...Array(6)].map((_, index) => [`s${index}`, index % 2 ? first : second]),
  )
  const other = 'name: other, source: { remote: hub, alias: "team/app:1" }, servers: [s0, s1]'
  const plan = await planOf([`name: app, source: { ${source} }, servers: [s2, s3, s4, s5]`, other], servers)
  expect(changesOf(plan).filter(({ action }) => action === 'download-image')).toHaveLength(6)
  // The remote and the address are two ways to the registry: a 401, a token, a digest, an index, a manifest and a configuration each.
  // The second way finds the documents that the first has kept, or asks for them at the same time.
  expect(registry.asked.filter((each) => each.startsWith('HEAD'))).toHaveLength(4)
  expect(registry.asked.length).toBeLessThanOrEqual(12)
})

test('a server of another architecture is named with it, and with the platforms of the tag', async () => {
  registry = scriptRegistry(['arm64', 's390x'])
  const [message] = refusalsOf(await planOf([`name: app, source: { ${source} }`]))
  expect(message).toMatch(
    /images\.yaml:\d+:\d+: Cannot read image "team\/app:1" of ".*": tag "1" is not there for server "first" \(x86_64, i686\), only for aarch64, s390x$/,
  )
})

test.for([
  [
    `name: app, source: { remote: hub, alias: "team/app:1" }, properties: { type: server }`,
    /its property "type" must stay "oci"/,
  ],
  [
    `name: app, source: { remote: hub, fingerprint: ${'a'.repeat(64)} }`,
    /write "alias", such as "library\/alpine:3\.20"/,
  ],
  [
    `name: app, source: { remote: hub, fingerprint: ${'a'.repeat(64)}, secret: hidden }`,
    /write "alias", such as .* instead of "fingerprint" and the secret/,
  ],
  [
    `name: app, source: { remote: hub, alias: "team/app@sha256:${'a'.repeat(64)}" }, autoUpdate: true`,
    /no such digest/,
  ],
] as const)(
  'an image of a remote that turns out to be a registry is refused at its position: %s',
  async ([image, why]) => {
    const [message, ...more] = refusalsOf(await planOf([image]))
    expect(more).toEqual([])
    expect(message).toMatch(/\/images\.yaml:6:\d+: Cannot /)
    expect(message).toMatch(why)
    expect(message).not.toContain('hidden')
  },
)

test('updates of an image that a digest names are refused, since they would never come', async () => {
  const all = await planOf([`name: app, source: { ${source} }`])
  expect(changesOf(all)).toHaveLength(2)
  const digest = /manifests\/(sha256:\w+)/.exec(registry.asked.join('\n'))?.[1]
  const image = `name: app, source: { remote: hub, alias: "team/app@${digest}" }, autoUpdate: true`
  expect(refusalsOf(await planOf([image]))).toEqual([
    expect.stringMatching(
      /Cannot plan image "app" for "first": .* download it as "team\/app@sha256:.*so "autoUpdate" would update nothing; name it by a tag/,
    ),
  ])
})

test('an image of a registry that a server has is not planned for LXD, nor with another mark of its kind', async () => {
  const file = join(cwd, 'app.tar.gz')
  makeImage(file, 'app')
  const { fingerprint } = await uploadImage(first.client, file, {
    properties: { type: 'oci' },
    aliases: ['there'],
  })
  const plan = await planOf(['name: copy, source: { server: first, alias: there }, servers: [lxd]'], {
    first,
    lxd,
  })
  expect(refusalsOf(plan)).toEqual([
    expect.stringMatching(
      /^Cannot plan image "copy" for "lxd": .* LXD accepts no such image; take this server out/,
    ),
  ])
  const marked = await planOf([
    `name: app, source: { fingerprint: ${fingerprint} }, properties: { type: server }`,
  ])
  expect(refusalsOf(marked)).toEqual([
    expect.stringContaining('Cannot plan image "app" for "first": its property "type" must stay "oci"'),
  ])
})

test('an image of a registry is not planned for LXD, neither from the registry nor from a server that has it', async () => {
  const servers = { first, lxd }
  const direct = await planOf([`name: app, source: { ${source} }, servers: [lxd]`], servers)
  expect(refusalsOf(direct)).toEqual([
    expect.stringContaining(
      'to "lxd": this LXD 5.0.2 lacks the API extension "instance_oci"; use a server of Incus 7.0',
    ),
  ])
  const plan = await planOf(
    [
      `name: app, source: { ${source} }, servers: [first]`,
      'name: copy, source: { server: first, alias: app }, servers: [lxd]',
    ],
    servers,
  )
  expect(changesOf(plan).map(({ action }) => action)).toEqual(['download-image', 'create-alias'])
  const [, planned] = plan.servers
  expect(planned).toMatchObject({
    problems: [
      {
        image: 'copy',
        error: {
          message: expect.stringMatching(
            /^Cannot plan image "copy" for "lxd": it comes from a registry .* LXD accepts no such image/,
          ),
        },
      },
    ],
  })
})
