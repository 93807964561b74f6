import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { explainRegistryAbsence, type Registry, registryUser, startRegistry } from '@hyperkit/conformance'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type OpenServer, openEmbedded, writeRemotes } from './open-remotes.ts'
import { readPermissions } from './read-commands.ts'
import { type Ended, runHyperkit, runProgram } from './start-command.ts'

const isNode = process.versions.bun === undefined && !('deno' in process.versions)
const absence = explainRegistryAbsence()
const cwd = mkdtempSync(join(tmpdir(), 'hk-registries-'))
const opened: OpenServer[] = []
const asked: string[] = []
let registry: Registry
let guarded: Registry
let digest: string
let environment: Record<string, string> = {}

beforeAll(async () => {
  if (absence !== undefined) return
  registry = await startRegistry()
  guarded = await startRegistry({ access: 'token', certificateOf: registry })
  digest = await registry.push({ repository: 'team/app', tag: '1', layers: ['base', 'one'] })
  const foreign = await registry.push({
    repository: 'team/app',
    tag: '2-s390x',
    architecture: 's390x',
    layers: ['s'],
  })
  await registry.pushIndex('team/app', 'many', [
    { digest, architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' },
    { digest: foreign, architecture: 's390x' },
  ])
  await guarded.push({ repository: 'team/app', tag: '1', layers: ['private'] })
  const open = async (dialect: 'incus-7.0' | 'incus-6.0' | 'lxd-5.0') => {
    const server = await openEmbedded({
      dialect,
      authorities: registry.certificate,
      faults: (request, answer) => {
        if (request.method !== 'GET') asked.push(`${request.method} ${new URL(request.url).pathname}`)
        return answer()
      },
    })
    opened.push(server)
    return server
  }
  const servers = { prod: await open('incus-7.0'), old: await open('incus-6.0'), lxd: await open('lxd-5.0') }
  environment = { ...writeRemotes(cwd, servers).environment, DOCKER_CONFIG: join(cwd, 'docker') }
  const folder = join(cwd, 'incus')
  appendFileSync(
    join(folder, 'config.yml'),
    `  reg: { addr: "${registry.url}", protocol: oci, public: true }\n  team: { addr: "${guarded.url}", protocol: oci, public: true }\n`,
  )
  for (const name of ['reg', 'team', 'added'])
    writeFileSync(join(folder, 'servercerts', `${name}.crt`), registry.certificate)
})

beforeEach((context) => {
  asked.length = 0
  if (absence !== undefined) context.skip(absence)
})

afterAll(async () => {
  for (const server of opened) await server.close()
  await registry?.stop()
  await guarded?.stop()
  rmSync(cwd, { recursive: true, force: true })
})

/** Each command is a process, which takes seconds on Deno, so other runtimes than Node run one of each kind, and refuse one. */
function some<Row>(rows: readonly Row[]): readonly Row[] {
  return isNode ? rows : rows.slice(0, 1)
}

function run(...words: string[]): Promise<Ended> {
  return runHyperkit(words, { cwd, environment })
}

test('a registry is added to the remotes, and listed beside the others', async () => {
  const added = await run(
    'remote',
    'add',
    'added',
    registry.url,
    '--protocol',
    'oci',
    '--credentials-helper',
    'docker-credential-absent',
  )
  expect([added.code, added.stderr]).toEqual([0, expect.stringContaining('Added remote "added"')])
  expect(readFileSync(join(cwd, 'incus/config.yml'), 'utf8')).toContain(
    'credentials_helper: docker-credential-absent',
  )
  const listed = await run('remote', 'list', '--format', 'csv')
  expect([listed.code, listed.stderr]).toEqual([0, ''])
  expect(listed.stdout).toContain(`added,incus,${registry.url},oci,none`)
  // The registry wants no credentials, so the helper is not run.
  expect((await run('list', 'added:team/app', '--json')).code).toBe(0)
  if (isNode) expect((await run('list', 'prod:')).code).toBe(0)
  for (const [words, why] of some([
    [
      ['remote', 'add', 'x', 'https://ada:pw@registry.example.org', '--protocol', 'oci'],
      'contains credentials',
    ],
    [['remote', 'add', 'x', 'http://registry.example.org', '--protocol', 'oci'], 'over https only'],
    [['remote', 'add', 'x', registry.url, '--protocol', 'oci', '--client', 'lxc'], 'lxc has no registries'],
    [['remote', 'add', 'x', registry.url, '--credentials-helper', 'y'], 'add "--protocol oci"'],
  ] as const)) {
    const refused = await run(...words)
    expect([words, refused.code === 0, refused.stderr]).toEqual([words, false, expect.stringContaining(why)])
    expect(refused.stderr).not.toContain(':pw')
  }
})

test('list shows what a registry lists: its repositories, and the tags of one', async () => {
  if (isNode) {
    const repositories = await run('list', 'reg:', '--format', 'csv')
    expect([repositories.code, repositories.stdout.trim()]).toEqual([0, 'team/app,'])
    const filtered = await run('list', 'reg:team/app', 's390', '--format', 'csv')
    expect(filtered.stdout.trim()).toBe('team/app,2-s390x')
  }
  const tags = JSON.parse((await run('list', 'reg:team/app', '--json')).stdout) as { tag: string }[]
  expect(tags.map(({ tag }) => tag).sort()).toEqual(['1', '2-s390x', 'many'])
  for (const [words, why] of some([
    [['list', 'reg:team/app', 'os=x'], 'which lists only names'],
    [['list', 'reg:', '--columns', 'f'], 'which lists only names'],
    [['list', 'reg:nobody/nothing'], 'the registry has no such repository'],
    [['list', 'team:'], 'this registry does not list them; name a repository to list its tags'],
  ] as const)) {
    const refused = await run(...words)
    expect([words, refused.code === 0, refused.stderr]).toEqual([words, false, expect.stringContaining(why)])
  }
})

test('info shows the digest, architectures, size and time of an image of a registry', async () => {
  const { code, stdout } = await run('info', 'reg:team/app:1')
  expect(code).toBe(0)
  expect(stdout).toContain(`digest: ${digest}`)
  expect(stdout).toMatch(/Created: 2024-05-06 07:08 UTC/)
  if (!isNode) return
  const many = JSON.parse((await run('info', 'reg:team/app:many', '--json')).stdout)
  expect(many.properties.architectures).toMatch(/^(x86_64|aarch64), s390x$/)
  expect(many.size).toBeGreaterThan(0)
  expect((await run('show', 'reg:team/app:2-s390x')).stdout).toContain('architecture: s390x')
})

test('copy has an Incus 7 server download an image of a registry by its digest', async () => {
  if (isNode) {
    const dry = await run('copy', 'reg:team/app:1', 'prod:', '--alias', 'app', '--dry-run')
    expect([dry.code, asked]).toEqual([0, []])
  }
  const copied = await run('copy', 'reg:team/app:1', 'prod:', '--alias', 'app', '--json')
  expect(copied.code).toBe(0)
  const [{ fingerprint, mode }] = JSON.parse(copied.stdout) as [{ fingerprint: string; mode: string }]
  expect(mode).toBe('pull')
  const shown = JSON.parse((await run('show', 'prod:app', '--json')).stdout)
  expect(shown).toMatchObject({
    fingerprint,
    properties: { type: 'oci' },
    update_source: { protocol: 'oci', server: registry.url, alias: `team/app@${digest}` },
  })
})

test('an image of a registry can be neither exported, verified nor sent on, and is refused before anything is sent', async () => {
  expect((await run('copy', 'reg:team/app:1', 'prod:', '--alias', 'kept')).code).toBe(0)
  asked.length = 0
  for (const [words, why] of some([
    [['export', 'prod:kept', cwd], 'comes from a registry of OCI images'],
    [['export', 'reg:team/app:1', cwd], 'only a server can download'],
    [['verify', 'prod:kept'], 'whose fingerprint is that of its layers there'],
    [['verify', 'reg:team/app:1'], 'whose fingerprint is that of its layers there'],
    [['copy', 'prod:kept', 'old:', '--mode', 'relay'], 'by relay: it comes from a registry'],
    [['copy', 'prod:kept', 'lxd:'], 'this LXD 5.0.2 accepts no such image'],
    [['copy', 'reg:team/app:1', 'lxd:'], 'this LXD 5.0.2 lacks the API extension "instance_oci"'],
    [['copy', 'reg:team/app:1', 'old:'], 'this Incus 6.0.4 lacks the API extension "instance_oci"'],
    [['copy', 'reg:team/app:1', 'prod:', '--vm'], 'images of registries are of containers only'],
    [['copy', 'reg:team/app:1', 'prod:', '--mode', 'push'], 'by push: it is an image of a registry'],
    [['copy', 'reg:team/app:2-s390x', 'prod:'], 'tag "2-s390x" is not there for server "prod" (x86_64'],
    [['copy', 'reg:team/app:9', 'prod:'], 'no such repository, or no such tag'],
    [['copy', 'team:team/app:1', 'prod:'], 'log in with "docker login 127.0.0.1:'],
  ] as const)) {
    const refused = await run(...words)
    expect([words, refused.code === 0, refused.stderr]).toEqual([words, false, expect.stringContaining(why)])
  }
  expect(asked).toEqual([])
  if (!isNode) return
  const all = await run('verify', '--all', 'prod:')
  expect([all.code, all.stderr]).toEqual([0, expect.stringContaining('1 images of "prod" are left out')])
})

test('credentials of docker let a user see a private image, and reach no server', async () => {
  mkdirSync(join(cwd, 'docker'), { recursive: true })
  const { username, password } = registryUser
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  writeFileSync(join(cwd, 'docker/config.json'), JSON.stringify({ auths: { [guarded.host]: { auth } } }))
  expect((await run('info', 'team:team/app:1')).code).toBe(0)
  const copied = await run('copy', 'team:team/app:1', 'prod:')
  expect([copied.code, copied.stderr]).toEqual([
    1,
    expect.stringContaining('log in on its machine with "skopeo login"'),
  ])
  expect(copied.stderr + copied.stdout).not.toContain(password)
  expect(copied.stderr + copied.stdout).not.toContain(auth)
})

test('the permissions that docs/commands.md adds for a registry are enough for Deno, and no fewer are', async (context) => {
  if (!isNode) context.skip('it starts Deno itself, and is run once, on Node')
  const folder = join(cwd, 'incus')
  const permissions = readPermissions({ CONFIG: folder, SERVERS: registry.host, FILES: '', FOLDER: '' })
  const [env = '', ...others] = permissions.get('info') ?? []
  const all = [`${env},DOCKER_AUTH_CONFIG,DOCKER_CONFIG,XDG_CACHE_HOME`, ...others]
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const info = (allowed: readonly string[]): Promise<Ended> =>
    runProgram(
      [
        ...[join(root, 'node_modules/.bin/deno'), 'run', '--no-prompt', '--conditions=@hyperkit/source'],
        ...[...allowed, join(root, 'scripts/info.ts'), 'reg:team/app:1'],
      ],
      {
        cwd,
        environment: {
          ...environment,
          INCUS_GLOBAL_CONF: folder,
          LXD_CONF: folder,
          LXD_GLOBAL_CONF: folder,
          // Where the sources are compiled already, if they were used before.
          DENO_DIR: process.env.DENO_DIR ?? join(homedir(), '.cache/deno'),
        },
      },
    )
  expect(await info(all)).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(digest) })
  expect(await info([env, ...others])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Requires env access/),
  })
})
