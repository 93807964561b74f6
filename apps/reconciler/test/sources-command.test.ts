import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { makeInstances } from './make-instances.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-sources-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const run = (...args: string[]) => runCommand(args, { cwd })

describe('the command, with images from elsewhere', () => {
  let lxd: OpenServer
  let incus: OpenServer
  let upstream: OpenServer
  const instances = makeInstances(['web1'])

  beforeAll(async () => {
    lxd = await openEmbedded(cwd, { dialect: 'lxd', instances: instances.seeded })
    incus = await openEmbedded(cwd, { dialect: 'incus' })
    upstream = await openEmbedded(cwd, { dialect: 'incus' })
    await instances.make('web1')
    await instances.snapshot('web1', 'release')
    await release('one')
    writeFileSync(
      join(cwd, 'images.yaml'),
      [
        'version: 1',
        'name: n',
        `servers: { lxd: ${lxd.yaml}, incus: ${incus.yaml} }`,
        'images:',
        `  - { name: base, source: { remote: "${upstream.url}", protocol: incus, alias: up, serverCertificate: "${upstream.certificateFile}" } }`,
        '  - { name: golden, source: { instance: web1, snapshot: release, server: lxd } }',
        `  - { name: lost, source: { remote: "${upstream.url}", protocol: incus, alias: never, serverCertificate: "${upstream.certificateFile}" }, servers: [incus] }`,
        '',
      ].join('\n'),
    )
  })
  afterAll(async () => {
    for (const server of [lxd, incus, upstream]) await server?.close()
  })

  const release = async (content: string): Promise<string> => {
    const file = join(cwd, 'up.tar.gz')
    makeImage(file, content)
    const { fingerprint } = await uploadImage(upstream.client, file)
    await upstream.client.images.update(fingerprint, { public: true })
    await upstream.client.aliases.set('up', { target: fingerprint })
    return fingerprint
  }

  test('plan shows what will be fetched, what is known only after apply, and what cannot be planned', async () => {
    const { code, stdout } = await run('plan')
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /\+ download image base {3}[0-9a-f]{12}, \d+ bytes, from https:\/\/127\.0\.0\.1:\d+ \(incus\) alias up\n/,
    )
    expect(stdout).toContain('+ publish image golden  (known after apply), from snapshot web1/release\n')
    expect(stdout).toContain('+ create alias golden   -> (known after apply)\n')
    expect(stdout).toContain('+ copy image golden    (known after apply), size unknown, from lxd\n')
    expect(stdout).toMatch(/incus \(incus 6\.0\.4\): \d+ bytes to fetch\n/)
    expect(stdout).toMatch(/ {2}! image lost: images\.yaml:7:27: Cannot .*never/)
    expect(stdout).toMatch(
      /Plan: 0 images to upload, 2 to download and 1 to copy \(\d+ bytes\), 1 to publish, 4 aliases to create/,
    )
    expect(stdout).toContain('1 image cannot be planned; see above.')
  })

  test('apply refuses a saved plan if upstream has moved, and reports what moved', async () => {
    expect((await run('plan', '--target', 'base', '--out', 'plan.json')).code).toBe(0)
    const second = await release('two')
    const { code, stderr } = await run('apply', 'plan.json', '--yes')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /stale.*\n {2}the content of image "base" was [0-9a-f]{12} when the plan was made, and is [0-9a-f]{12} now\n/,
    )
    expect(stderr).toContain(`is ${second.slice(0, 12)}`)
    expect(await lxd.client.aliases.find('base')).toBeUndefined()
  })

  test('apply does everything possible and reports it, and the next plan has only what failed', async () => {
    const applied = await run('apply', '--yes', '--report', 'report.json', '--progress', 'plain')
    expect(applied.code).toBe(1)
    expect(applied.stdout).toContain(
      '0 images uploaded, 2 downloaded, 1 copied, 1 published, 4 aliases created',
    )
    expect(applied.stdout).toContain('1 image could not be planned')
    expect(applied.stderr).toContain('lxd: published image golden\n')
    const report = JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8'))
    const cells = report.servers.flatMap(
      ({ name, cells }: { name: string; cells: { image: string; state: string }[] }) =>
        cells.map(({ image, state }) => `${name} ${image} ${state}`),
    )
    expect(cells).toEqual([
      ...['lxd base done', 'lxd golden done'],
      ...['incus base done', 'incus golden done', 'incus lost unknown'],
    ])
    const again = await run('plan')
    expect([again.code, again.stdout]).toEqual([1, expect.stringContaining('No changes.')])
    const narrowed = await run('plan', '--target', 'golden', '--republish', 'golden')
    expect(narrowed.stdout).toContain('+ publish image golden')
    for (const kind of ['md', 'html']) await run('plan', '--report', `report.${kind}`)
    expect(readFileSync(join(cwd, 'report.md'), 'utf8')).toContain('could not be read')
  })

  test("a command finds the remotes of the user's client configuration, with their certificates", async () => {
    const configuration = join(cwd, 'incus')
    mkdirSync(join(configuration, 'servercerts'), { recursive: true })
    writeFileSync(
      join(configuration, 'config.yml'),
      `default-remote: up\nremotes:\n  up: { addr: "${upstream.url}", protocol: incus, public: true }\n`,
    )
    copyFileSync(upstream.certificateFile, join(configuration, 'servercerts', 'up.crt'))
    const fingerprint = await release('named')
    const write = (source: string): void =>
      writeFileSync(
        join(cwd, 'named.yaml'),
        `version: 1\nname: named\nservers: { lxd: ${lxd.yaml} }\nimages:\n  - { name: named, source: { ${source} } }\n`,
      )
    const runNamed = (...args: string[]) =>
      runCommand([...args, 'named.yaml'], { cwd, environment: { INCUS_CONF: configuration } })
    write('remote: up, alias: up')
    const applied = await runNamed('apply', '--yes')
    expect([applied.code, applied.stderr]).toMatchObject([0, expect.anything()])
    expect((await lxd.client.aliases.get('named')).target).toBe(fingerprint)
    expect((await runNamed('plan', '--detailed-exitcode')).code).toBe(0)
    write('remote: upp, alias: up')
    expect((await runNamed('plan')).stdout).toContain(
      'named.yaml:5:28: Cannot connect to "upp": there is no such remote; known remotes: incus:local, incus:up, lxc:local',
    )
    write('remote: up, protocol: simplestreams, alias: up')
    expect((await runNamed('plan')).stdout).toContain(
      'Cannot use remote "up" with protocol "simplestreams": your client configuration has "incus"',
    )
  })
})
