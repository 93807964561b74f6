import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { runCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-update-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

let server: OpenServer
beforeAll(async () => {
  server = await openEmbedded(cwd, { dialect: 'incus' })
})
afterAll(() => server.close())

const run = (...args: string[]) => runCommand(args, { cwd })
const path = (name: string): string => join(cwd, name)
const text = (name: string): string => readFileSync(path(name), 'utf8')
const write = (...names: string[]): void =>
  writeFileSync(
    path('images.yaml'),
    `version: 1\nname: me\nservers: { it: ${server.yaml} }\nimages:\n${names.map((name) => `  - { name: ${name}, source: { file: ${name}.tar.gz } }\n`).join('')}`,
  )
async function make(name: string, content: string): Promise<string> {
  makeImage(path(`${name}.tar.gz`), content)
  return (await fingerprintOf(path(`${name}.tar.gz`))).fingerprint
}

describe('the lock file of a manifest', () => {
  test('update writes the lock file, and leaves an identical one unchanged', async () => {
    write('b', 'a')
    const [a, b] = [await make('a', 'one'), await make('b', 'one b')]
    const { code, stdout, stderr } = await run('update')
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Wrote "images.lock.yaml"\n' })
    expect(stdout).toMatch(
      new RegExp(
        `^\\+ a {2}${a.slice(0, 12)}, \\d+ bytes\\n\\+ b {2}${b.slice(0, 12)}, \\d+ bytes\\n0 images changed, 2 added, 0 removed, 0 unchanged\\.\\n$`,
      ),
    )
    const written = text('images.lock.yaml')
    expect(written).toContain(`name: a\n    fingerprint: ${a}\n`)
    expect(await run('update')).toEqual({
      code: 0,
      stdout: '0 images changed, 0 added, 0 removed, 2 unchanged.\n',
      stderr: '"images.lock.yaml" is up to date\n',
    })
    expect(text('images.lock.yaml')).toBe(written)
    expect(await run('validate', '--frozen')).toMatchObject({ code: 0, stderr: '' })
    expect(await run('apply', '--frozen', '--yes')).toMatchObject({ code: 0 })
  })

  test('a note mentions the lock file if a source has moved, and a frozen run is refused before anything is done', async () => {
    const before = (await server.client.aliases.get('a')).target
    const after = await make('a', 'two')
    const moved = `images.yaml:6:24: image "a" is ${after.slice(0, 12)} now, but was locked as ${before.slice(0, 12)}`
    const noted = await run('plan', '--detailed-exitcode')
    expect([noted.code, noted.stderr]).toEqual([
      2,
      `Note: "images.lock.yaml" is not up to date: image "a" is ${after.slice(0, 12)} now, but was locked as ${before.slice(0, 12)}; run "update" to write it\n`,
    ])
    for (const command of [['plan'], ['validate'], ['apply', '--yes']])
      expect(await run(...command, '--frozen')).toEqual({
        code: 1,
        stdout: '',
        stderr: `${moved}\n`,
      })
    expect((await server.client.aliases.get('a')).target).toBe(before)
    const { stdout } = await run('validate', '--frozen', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ valid: false, problems: [{ line: 6, column: 24 }] })
  })

  test('update changes only the named images of the lock file', async () => {
    await make('b', 'two b')
    const dry = await run('update', 'images.yaml', 'b', '--dry-run', '--json')
    expect(JSON.parse(dry.stdout)).toMatchObject({
      format: 'hyperkit-update',
      moves: [{ image: 'b', before: { name: 'b' }, after: { name: 'b' } }],
    })
    expect((await run('validate', '--frozen')).stderr).toMatch(/image "b"/)
    const { stdout } = await run('update', '-f', 'images.yaml', 'b')
    expect(stdout).toMatch(
      /^~ b {2}\w{12}, \d+ bytes -> \w{12}, \d+ bytes\n1 image changed, 0 added, 0 removed, 1 unchanged\.\n$/,
    )
    const { stderr } = await run('validate', '--frozen')
    expect(stderr).toMatch(/image "a"/)
    expect(stderr).not.toMatch(/image "b"/)
    const unknown = await run('update', 'images.yaml', 'bb')
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('did you mean "b"?')])
  })

  test('a frozen run is refused if the lock file lacks an image or has an extra one', async () => {
    await run('update')
    await make('c', 'c')
    write('a', 'c')
    const { code, stderr } = await run('plan', '--frozen')
    expect([code, stderr.trimEnd().split('\n')]).toEqual([
      1,
      [
        expect.stringMatching(
          /^images\.lock\.yaml:\d+:11: image "b" is locked, but the manifest does not declare it$/,
        ),
        'images.yaml:6:5: image "c" is not in "images.lock.yaml"',
      ],
    ])
    expect((await run('update')).stdout).toMatch(
      /^- b .*\n\+ c .*\n0 images changed, 1 added, 1 removed, 1 unchanged\.\n$/,
    )
    expect(await run('plan', '--frozen')).toMatchObject({ code: 0, stderr: '' })
  })

  test('a frozen run needs a lock file, and a broken one is refused with the place of the error', async () => {
    const lock = text('images.lock.yaml')
    writeFileSync(path('images.lock.yaml'), lock.replace('size:', 'sizes:'))
    for (const command of ['plan', 'update'])
      expect(await run(command)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('images.lock.yaml:6:5: unknown key "sizes": did you mean "size"?'),
      })
    rmSync(path('images.lock.yaml'))
    expect(await run('plan')).toMatchObject({ code: 0, stderr: '' })
    expect(await run('plan', '--frozen')).toMatchObject({
      code: 1,
      stderr:
        'Cannot compare "images.yaml" with its lock file: "images.lock.yaml" does not exist; run "update" to write it\n',
    })
  })

  test('the lock file of a folder is inside it, and is not read as a manifest', async () => {
    mkdirSync(path('folder'))
    writeFileSync(path('folder/all.yaml'), text('images.yaml').replaceAll('file: ', 'file: ../'))
    expect(await run('update', 'folder')).toMatchObject({
      code: 0,
      stderr: 'Wrote "folder/images.lock.yaml"\n',
    })
    expect(text('folder/images.lock.yaml')).toContain('from: ../a.tar.gz')
    expect(await run('plan', 'folder', '--frozen')).toMatchObject({ code: 0, stderr: '' })
  })

  test('the lock file binds a saved plan that was made with --frozen', async () => {
    await run('update')
    expect(await run('plan', '--frozen', '--out', 'plan.json')).toMatchObject({ code: 0 })
    writeFileSync(
      path('images.lock.yaml'),
      text('images.lock.yaml').replace(/fingerprint: .*/, `fingerprint: "${'0'.repeat(64)}"`),
    )
    expect(await run('apply', 'plan.json', '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('was locked as 000000000000'),
    })
  })
})
