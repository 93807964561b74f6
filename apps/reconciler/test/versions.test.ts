import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-versions-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

let server: OpenServer
beforeAll(async () => {
  server = await openEmbedded(cwd, { dialect: 'incus' })
  write('images: [{ name: img, source: { file: img.tar.gz }, keep: 3 }]\nprune: { maxDelete: 2 }\n')
})
afterAll(() => server.close())

const file = join(cwd, 'img.tar.gz')
const write = (rest: string, name = 'images.yaml', owner = 'me'): void =>
  writeFileSync(join(cwd, name), `version: 1\nname: ${owner}\nservers: { it: ${server.yaml} }\n${rest}`)
const run = (...args: string[]) => runCommand(args, { cwd })
const target = async (): Promise<string> => (await server.client.aliases.get('img')).target

/** Applies new content. Uploads within one second are ordered too, because servers store fractions of a second. */
async function publish(content: string): Promise<string> {
  makeImage(file, content)
  expect(await run('apply', '--yes')).toMatchObject({ code: 0 })
  return (await fingerprintOf(file)).fingerprint
}

describe('versions of an image', () => {
  const versions: string[] = []
  const short = (index: number): string => (versions[index] ?? '').slice(0, 12)

  test('history lists the versions, newest first, even if the file is gone', async () => {
    for (const content of ['one', 'two', 'three']) versions.push(await publish(content))
    rmSync(file)
    const { code, stdout } = await run('history')
    expect(code).toBe(0)
    const [heading, name, ...lines] = stdout.trimEnd().split('\n')
    expect([heading, name]).toEqual(['it', '  img'])
    expect(lines.map((line) => line.slice(4, 18))).toEqual([
      `* ${short(2)}`,
      `  ${short(1)}`,
      `  ${short(0)}`,
    ])
    expect(lines[0]).toMatch(/ {2}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}\d+ bytes {2}img$/)
    const document = JSON.parse((await run('history', 'img', '--json')).stdout)
    expect(document).toMatchObject({ format: 'hyperkit-history', version: 1, servers: [{ name: 'it' }] })
    expect(
      document.servers[0].images[0].versions.map(({ fingerprint }: { fingerprint: string }) => fingerprint),
    ).toEqual([...versions].reverse())
    const sentence = (name: string, hint: string): string =>
      `Cannot show the history of "${name}": no server has versions of it that belong to manifest "me"; ${hint}\n`
    const all = 'run "history" without a name to list all'
    expect(await run('history', 'nosuch')).toEqual({ code: 1, stdout: '', stderr: sentence('nosuch', all) })
    const near = await run('history', 'igm', '--json')
    expect([near.code, near.stderr]).toEqual([1, sentence('igm', 'did you mean "img"?')])
    expect(JSON.parse(near.stdout).error).toEqual({ code: 'not-found', message: near.stderr.trimEnd() })
    write(
      'images: [{ name: img, source: { file: img.tar.gz } }, { name: next, source: { file: n } }]\n',
      'more.yaml',
    )
    expect(await run('history', 'next', '-f', 'more.yaml')).toMatchObject({
      code: 0,
      stdout: 'it\n  no versions\n',
    })
    expect((await run('history', '--server', 'its')).stderr).toContain('did you mean "it"?')
  })

  test('rollback goes back one version, however often it runs, and the alias keeps its description', async () => {
    await server.client.aliases.update('img', { description: 'words [hyperkit: me]' })
    expect(await run('rollback', 'img')).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') })
    expect(await target()).toBe(versions[2])
    const { code, stdout } = await run('rollback', 'img', '--yes')
    expect(code).toBe(0)
    expect(stdout).toContain(`~ move alias img  ${short(2)} -> ${short(1)}`)
    const rolledBack = { target: versions[1], description: 'words [hyperkit: me]' }
    expect(await server.client.aliases.get('img')).toMatchObject(rolledBack)
    const stays = (index: number): string =>
      `it: alias "img" stays: it already points at ${short(index)}, a version before ${short(2)}; choose another one with --to\nNothing to roll back.\n`
    expect(await run('rollback', 'img')).toEqual({ code: 0, stdout: stays(1), stderr: '' })
    expect(await server.client.aliases.get('img')).toMatchObject(rolledBack)

    for (const repeated of [false, true]) {
      const ended = await run('rollback', 'img', '--yes', '--server', 'it', '--to', short(0))
      expect([repeated, ended.code, await target()]).toEqual([repeated, 0, versions[0]])
    }
    expect(await run('rollback', 'img', '--yes')).toEqual({ code: 0, stdout: stays(0), stderr: '' })
    const { stdout: json } = await run('rollback', 'img', '--yes', '--json')
    expect(JSON.parse(json)).toMatchObject({ servers: [{ name: 'it', status: 'done', results: [] }] })
    expect((await run('rollback', 'img', '--yes', '--to', short(2))).code).toBe(0)
    expect(await target()).toBe(versions[2])
  })

  test.each([
    [['img', '--to', 'abc'], 'Cannot roll back to "abc": a fingerprint is 12 to 64 hex digits'],
    [['img', '--to', '0123456789ab'], 'no version begins with 0123456789ab; other versions: '],
    [['never'], 'the alias does not exist\n'],
    [['igm'], 'the alias does not exist; did you mean "img"?'],
    [['--image', 'igm'], 'Unknown image "igm" in "images.yaml": did you mean "img"?'],
    [[], 'give an alias, or an image with "--image"'],
    [['img', '--image', 'img'], 'give an alias, or an image with "--image"'],
  ])('rollback %j is refused', async (args, sentence) => {
    const { code, stderr } = await run('rollback', '--yes', ...args)
    expect(code).toBe(1)
    expect(stderr).toContain(sentence)
  })

  test('apply deletes versions beyond keep, and prune has nothing to do then', async () => {
    versions.push(await publish('four'))
    expect(await server.client.images.find(versions[0] ?? '')).toBeUndefined()
    expect(await run('prune')).toEqual({ code: 0, stdout: 'Nothing to prune.\n', stderr: '' })
  })

  test('prune --dry-run lists versions with the reason, and what keeps the others', async () => {
    write(
      'images: [{ name: img, source: { file: img.tar.gz }, keep: 1 }]\nprune: { maxDelete: 1 }\n',
      'less.yaml',
    )
    const dry = await run('prune', '--dry-run', 'less.yaml')
    expect(dry.code).toBe(0)
    expect(dry.stdout).toMatch(
      new RegExp(
        `- delete image img {2}${short(1)}, \\d+ bytes; version 3 of \\d{4}-\\d\\d-\\d\\d, keep is 1\n`,
      ),
    )
    expect(dry.stdout).toContain(`it: img ${short(2)}`)
    expect(dry.stdout).toContain('stays: prune.maxDelete allows 1 at a time')
    expect(await server.client.images.find(versions[1] ?? '')).toBeDefined()
    expect(await run('prune', 'less.yaml')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--yes'),
    })
    expect((await run('prune', '--yes', 'less.yaml')).code).toBe(0)
    expect(await server.client.images.find(versions[1] ?? '')).toBeUndefined()
    await server.client.aliases.create('theirs', { target: versions[2] ?? '' })
    const held = await run('prune', '--yes', 'less.yaml')
    expect(held.stdout).toMatch(/^Nothing to prune\.\nit: img .*, stays: alias "theirs" points at it\n$/)
  })

  test('versions are not pruned by a manifest without "prune", nor by a shrunken one without --allow-empty', async () => {
    write('images: [{ name: img, source: { file: img.tar.gz }, keep: 1 }]\n', 'plain.yaml')
    expect((await run('prune', 'plain.yaml')).stderr).toContain('has no "prune"')
    write('images: []\nprune: {}\n', 'empty.yaml')
    for (const command of ['apply', 'prune']) {
      const { code, stderr } = await run(command, '--yes', 'empty.yaml')
      expect([code, stderr]).toEqual([1, expect.stringContaining('confirm with --allow-empty')])
    }
    expect(await target()).toBe(versions[3])
    expect((await run('prune', '--yes', '--allow-empty', 'empty.yaml')).code).toBe(0)
    expect(await server.client.aliases.find('img')).toBeUndefined()
    expect(await server.client.aliases.find('theirs')).toMatchObject({ target: versions[2] })
  })
})

test('adopt puts existing images under the manifest, even from another manifest', async () => {
  makeImage(file, 'by hand')
  const { fingerprint } = await uploadImage(server.client, file)
  await server.client.aliases.create('img', { target: fingerprint, description: 'by hand' })
  expect((await run('plan')).stdout).toBe('No changes. 1 image on 1 server is as "images.yaml" says.\n')
  expect((await run('history', 'img')).stdout).not.toContain(fingerprint.slice(0, 12))
  expect((await run('adopt', 'im', '--yes')).stderr).toContain('did you mean "img"?')
  expect((await run('adopt', 'img', '--yes')).code).toBe(0)
  expect((await server.client.images.get(fingerprint)).properties).toMatchObject({
    'hyperkit.manifest': 'me',
    'hyperkit.image': 'img',
  })
  expect((await server.client.aliases.get('img')).description).toBe('by hand [hyperkit: me]')
  expect((await run('adopt', 'img')).stdout).toBe(
    'Nothing to adopt: the images that exist already belong to this manifest.\n',
  )

  write('images: [{ name: img, source: { file: img.tar.gz } }]\n', 'other.yaml', 'other')
  makeImage(file, 'by another')
  expect(await run('apply', '--yes', 'other.yaml')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(
      'it belongs to manifest "me", not to "other"; take it over with "adopt img"',
    ),
  })
  expect(await target()).toBe(fingerprint)
  expect((await run('rollback', 'img', '--yes', '-f', 'other.yaml')).stderr).toContain(
    'it belongs to manifest "me"',
  )
  expect((await run('adopt', 'img', '--yes', '-f', 'other.yaml')).code).toBe(0)
  expect((await run('apply', '--yes', 'other.yaml')).code).toBe(0)
  expect(await target()).toBe((await fingerprintOf(file)).fingerprint)
  expect((await server.client.aliases.get('img')).description).toBe('by hand [hyperkit: other]')
})
