// biome-ignore-all lint/suspicious/noTemplateCurlyInString: manifests contain such references to variables
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-saved-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text)
const read = (name: string): string => readFileSync(join(cwd, name), 'utf8')
const run = (...args: string[]) => runCommand(args, { cwd })

let lxd: OpenServer
let incus: OpenServer
const servers = (): string => `version: 1\nname: n\nservers:\n  lxd: ${lxd.yaml}\n  incus: ${incus.yaml}\n`

beforeAll(async () => {
  lxd = await openEmbedded(cwd, { dialect: 'lxd' })
  incus = await openEmbedded(cwd, { dialect: 'incus' })
})
afterAll(async () => {
  await lxd.close()
  await incus.close()
})
beforeEach(async () => {
  for (const { client } of [lxd, incus])
    for (const { fingerprint } of await client.images.list()) await client.images.delete(fingerprint)
  makeImage(join(cwd, 'a.tar.gz'), 'a')
  makeImage(join(cwd, 'b.tar.gz'), 'b')
  rmSync(join(cwd, 'plan.json'), { force: true })
  write(
    'images.yaml',
    `${servers()}images:\n  - { name: a, source: { file: a.tar.gz } }\n  - { name: b, source: { file: b.tar.gz }, servers: [lxd] }\n`,
  )
})

describe('a saved plan', () => {
  test('a saved plan is applied exactly as it was saved, once', async () => {
    const planned = await run('plan', '--out', 'plan.json', '--detailed-exitcode')
    expect(planned.code).toBe(2)
    expect(planned.stderr).toContain('Saved the plan as "plan.json"')
    expect(statSync(join(cwd, 'plan.json')).mode & 0o777).toBe(0o600)
    const applied = await run('apply', 'plan.json', '--yes')
    expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining('3 images uploaded')])
    expect(await lxd.client.aliases.find('b')).toBeDefined()

    const again = await run('apply', 'plan.json', '--yes')
    expect([again.code, again.stdout]).toEqual([1, ''])
    expect(again.stderr).toMatch(
      /^Cannot apply plan "plan.json": it is stale, and nothing was changed; make a new one with "plan --out" and review it\n {2}lxd: alias "a" did not exist when the plan was made, and points at [0-9a-f]{12} now\n/,
    )
  })

  test('a saved plan is refused if an alias moved, and the error says from what to what', async () => {
    await run('apply', '--yes')
    const { fingerprint } = await fingerprintOf(join(cwd, 'b.tar.gz'))
    const old = await fingerprintOf(join(cwd, 'a.tar.gz'))
    makeImage(join(cwd, 'a.tar.gz'), 'newer')
    await run('plan', '--out', 'plan.json')
    await lxd.client.aliases.update('a', { target: fingerprint })
    const { code, stderr } = await run('apply', 'plan.json', '--yes')
    expect(code).toBe(1)
    expect(stderr).toContain(
      `  lxd: alias "a" pointed at ${old.fingerprint.slice(0, 12)} when the plan was made, and points at ${fingerprint.slice(0, 12)} now\n`,
    )
    expect((await incus.client.aliases.get('a')).target).toBe(old.fingerprint)
    await lxd.client.aliases.delete('a')
    expect((await run('apply', 'plan.json', '--yes')).stderr).toContain(
      `  lxd: alias "a" pointed at ${old.fingerprint.slice(0, 12)} when the plan was made, and is gone now\n`,
    )
  })

  test('a saved plan is refused if a file or the manifest changed', async () => {
    await run('plan', '--out', 'plan.json')
    const was = (await fingerprintOf(join(cwd, 'a.tar.gz'))).fingerprint.slice(0, 12)
    makeImage(join(cwd, 'a.tar.gz'), 'newer')
    const is = (await fingerprintOf(join(cwd, 'a.tar.gz'))).fingerprint.slice(0, 12)
    const content = await run('apply', 'plan.json', '--yes')
    expect([content.code, content.stderr]).toEqual([
      1,
      expect.stringContaining(
        `  the content of image "a" was ${was} when the plan was made, and is ${is} now\n`,
      ),
    ])
    write('images.yaml', `${read('images.yaml')}# looked at\n`)
    const manifest = await run('apply', 'plan.json', '--yes')
    expect([manifest.code, manifest.stderr]).toEqual([
      1,
      expect.stringMatching(
        / {2}manifest "images.yaml" had the SHA-256 [0-9a-f]{12} when the plan was made, and has [0-9a-f]{12} now\n/,
      ),
    ])
    expect(await lxd.client.images.list()).toEqual([])
  })

  test('a saved plan for some images and servers changes these alone, and cannot be narrowed when it is applied', async () => {
    await run('plan', '--server', 'lxd', '--target', 'a', '--out', 'plan.json')
    const refused = await run('apply', 'plan.json', '--target', 'a', '--yes')
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('it is applied exactly as it was saved'),
    ])
    expect((await run('apply', 'plan.json', '--yes')).code).toBe(0)
    expect((await lxd.client.aliases.list()).map(({ name }) => name)).toEqual(['a'])
    expect(await incus.client.images.list()).toEqual([])
  })

  test('a saved plan leaves alone a server that could not be read when it was made', async () => {
    write(
      'images.yaml',
      read('images.yaml').replace('  incus: ', '  down: { url: "https://127.0.0.1:1" }\n  incus: '),
    )
    expect((await run('plan', '--out', 'plan.json')).code).toBe(1)
    const { code, stdout } = await run('apply', 'plan.json', '--yes')
    expect([code, stdout]).toEqual([1, expect.stringContaining('3 images uploaded')])
    expect(stdout).toContain('1 server could not be read')
  })

  test.each([
    ['edited', (text: string) => text.replace('"a"', '"c"'), 'it was changed after it was written'],
    ['cut', (text: string) => text.slice(0, -20), 'it is not a complete JSON document'],
    [
      'of a later version',
      (text: string) => text.replace('"version": 1', '"version": 2'),
      'this program reads version 1',
    ],
    [
      'with more keys',
      (text: string) => text.replace('"seen": {', '"seen": { "more": 1,'),
      '"seen.more" is invalid: ',
    ],
  ])('a saved plan that was %s is refused', async (_, edit, why) => {
    await run('plan', '--out', 'plan.json')
    write('plan.json', edit(read('plan.json')))
    const { code, stderr } = await run('apply', 'plan.json', '--yes')
    expect([code, stderr]).toEqual([1, expect.stringContaining(why)])
  })

  test('a saved plan is not the output of --json, and does not replace a file that is not a plan', async () => {
    write('printed.json', (await run('plan', '--json')).stdout)
    expect((await run('apply', 'printed.json', '--yes')).stderr).toContain(
      'save a plan with "plan --out FILE"',
    )
    const before = read('images.yaml')
    const { code, stderr } = await run('plan', '--out', 'images.yaml')
    expect([code, stderr]).toEqual([1, expect.stringContaining('a file that is not a plan exists there')])
    expect(read('images.yaml')).toBe(before)
  })

  test('a saved plan contains no secret, and no command prints one', async () => {
    const manifest = `${servers()}images:\n  - { name: a, source: { file: a.tar.gz }, properties: { key: "\${MY_TOKEN}" } }\n`
    write('images.yaml', manifest)
    const environment = { MY_TOKEN: 'hunter"2' }
    const plan = await runCommand(['plan', '--json', '--out', 'plan.json'], { cwd, environment })
    expect([plan.code, plan.stderr]).toEqual([
      1,
      expect.stringContaining('it contains the value of "${MY_TOKEN}"'),
    ])
    expect(JSON.parse(plan.stdout).servers[0].changes[0].fields).toContainEqual(
      expect.objectContaining({ key: 'key', after: '${MY_TOKEN}' }),
    )
    const applied = await runCommand(['apply', '--yes', '--json'], { cwd, environment })
    expect(applied.code).toBe(0)
    expect(plan.stdout + plan.stderr + applied.stdout + applied.stderr).not.toContain('hunter')
    expect((await lxd.client.images.getByAlias('a')).properties.key).toBe('hunter"2')
  })
})

describe('a part of a manifest', () => {
  test('a part of a manifest is chosen by image and by server', async () => {
    const { code } = await run('apply', '--yes', '--target', 'a', '--server', 'incus')
    expect(code).toBe(0)
    expect(await lxd.client.images.list()).toEqual([])
    expect((await incus.client.aliases.list()).map(({ name }) => name)).toEqual(['a'])
    const plan = JSON.parse((await run('plan', '--json', '--server', 'lxd')).stdout)
    expect(plan.servers.map(({ name }: { name: string }) => name)).toEqual(['lxd'])
    expect(plan.summary.imagesToUpload).toBe(2)
  })

  test.each([
    [['--target', 'aa'], 'Unknown image "aa" in "images.yaml": did you mean "a"?'],
    [['--server', 'icnus'], 'Unknown server "icnus" in "images.yaml": did you mean "incus"?'],
    [['--server', 'prod'], 'Unknown server "prod" in "images.yaml": known servers: lxd, incus'],
  ])('plan %j is refused', async (args, sentence) => {
    const { code, stdout, stderr } = await run('plan', ...args)
    expect([code, stdout, stderr]).toEqual([1, '', `${sentence}\n`])
  })
})

describe('several manifests', () => {
  test('several manifests are given with -f as files and folders, and are read as one', async () => {
    mkdirSync(join(cwd, 'parts'), { recursive: true })
    write('servers.yaml', servers())
    write('parts/2.yml', 'version: 1\nname: n\nimages: [{ name: b, source: { file: ../b.tar.gz } }]\n')
    write('parts/1.yaml', 'version: 1\nname: n\nimages: [{ name: a, source: { file: ../a.tar.gz } }]\n')
    write('parts/notes.txt', 'no manifest')
    const valid = await run('validate', '-f', 'servers.yaml', '-f', 'parts')
    expect(valid.stdout).toBe('"servers.yaml, parts" is valid: 2 images, 2 servers.\n')
    const plan = JSON.parse(
      (await run('plan', 'servers.yaml', '-f', 'parts', '--json', '--out', 'plan.json')).stdout,
    )
    expect(plan.servers[0].changes.map(({ image }: { image: string }) => image)).toEqual(['a', 'a', 'b', 'b'])
    write('parts/3.yaml', 'version: 1\nname: n\nimages: [{ name: c, source: { file: c }, sorce: {} }]\n')
    const stale = await run('validate', 'servers.yaml', '-f', 'parts', '--json')
    expect(JSON.parse(stale.stdout)).toMatchObject({
      file: 'servers.yaml, parts',
      problems: [{ file: join('parts', '3.yaml'), line: 3 }],
    })
    write('parts/3.yaml', 'version: 1\nname: n\n')
    expect((await run('apply', 'plan.json', '--yes')).stderr).toContain(
      `manifest "${join('parts', '3.yaml')}" did not exist when the plan was made, and has `,
    )
    rmSync(join(cwd, 'parts/3.yaml'))
    expect((await run('apply', 'plan.json', '--yes')).code).toBe(0)
    expect((await run('plan', 'servers.yaml', '-f', 'parts')).stdout).toContain(
      'No changes. 2 images on 2 servers are as "servers.yaml, parts" says.',
    )
  })
})

test('a narrowed run prunes nothing and reports that', async () => {
  write(
    'images.yaml',
    `${servers()}images:\n  - { name: a, source: { file: a.tar.gz }, keep: 1 }\nprune: {}\n`,
  )
  await run('apply', '--yes')
  makeImage(join(cwd, 'a.tar.gz'), 'newer')
  const part = await run('plan', '--server', 'lxd')
  expect(part.stdout).not.toContain('delete image')
  expect(part.stdout).toContain('Nothing is pruned: only part of the manifest was planned')
  expect(JSON.parse((await run('plan', '--json', '--target', 'a')).stdout).notPruned).toContain('only part')
  expect((await run('plan')).stdout).not.toContain('Nothing is pruned')
})
