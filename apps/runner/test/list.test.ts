import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseTargets, makeImage } from '@hyperkit/conformance'
import type { Client, Image } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeReal, type OpenServer, openEmbedded, writeRemotes } from './open-remotes.ts'
import { type Ended, runHyperkit, startScript } from './start-command.ts'

const kinds = ['embedded lxd', 'embedded incus', 'lxd', 'incus'] as const

describe.each(chooseTargets(kinds))('against %s', (kind) => {
  // Names of this test alone, because other tests may use a real server at the same time.
  const id = `r${randomUUID().slice(0, 8)}`
  let cwd: string
  let server: OpenServer | undefined
  let client: Client
  let image: Image
  let run: (...args: string[]) => Promise<Ended>
  let environment: Record<string, string>
  let why: string | undefined

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'hk-list-'))
    const dialect = kind.endsWith('lxd') ? 'lxd' : 'incus'
    if (kind.startsWith('embedded')) server = await openEmbedded({ dialect })
    const described = server ?? describeReal(dialect)
    if (described === undefined) {
      why = `no ${kind} is running: give HYPERKIT_SERVERS`
      return
    }
    const remotes = writeRemotes(cwd, { main: described })
    environment = remotes.environment
    run = (...args) => runHyperkit(args, { cwd, environment })
    client = await remotes.client('main')
    const file = await makeImage({
      directory: cwd,
      name: `${id}-listed`,
      properties: { os: id, release: '日本' },
    })
    image = await uploadImage(client, file.path, { aliases: [`${id}/listed`, `${id}/long-name`] })
  })
  afterAll(async () => {
    if (why === undefined) await client.images.delete(image.fingerprint)
    await server?.close()
    rmSync(cwd, { recursive: true, force: true })
  })

  test('a table has a row for each image', async (context) => {
    if (why !== undefined) return context.skip(why)
    const { code, stdout, stderr } = await run('list', `os=${id}`, '-c', 'lfs,properties:release')
    expect([code, stderr]).toEqual([0, ''])
    const short = image.fingerprint.slice(0, 12)
    expect(stdout).toContain(`| ${id}/listed (1 more) | ${short} |`)
    expect(stdout).toMatch(/\| 日本 +\|\n/)
    const widths = stdout
      .trimEnd()
      .split('\n')
      .map((line) => [...line.replace(/[\u3000-\u9fff]/g, '..')].length)
    expect(new Set(widths).size).toBe(1)
  })

  test('list --format json prints records with the names of the API', async (context) => {
    if (why !== undefined) return context.skip(why)
    for (const flags of [['--json'], ['-f', 'json']]) {
      const { stdout } = await run('list', `${id}/listed`, ...flags)
      expect(JSON.parse(stdout)).toMatchObject([{ fingerprint: image.fingerprint, auto_update: false }])
    }
  })

  test('list reports a key that no image has, and refuses a value that a field cannot have', async (context) => {
    if (why !== undefined) return context.skip(why)
    const slip = await run('list', 'publik=true', '-f', 'csv')
    expect([slip.code, slip.stdout]).toEqual([0, ''])
    expect(slip.stderr).toContain('has a field or a property "publik"; did you mean "public"?')
    const wrong = await run('list', 'main:', 'public=maybe')
    expect([wrong.code, wrong.stdout]).toEqual([1, ''])
    expect(wrong.stderr).toContain('"public" of an image is true or false, not "maybe"')
    const nowhere = await run('list', `mian:${id}`)
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining(`did you mean "main:${id}"?`)])
  })

  test('CSV has no header unless it is asked for', async (context) => {
    if (why !== undefined) return context.skip(why)
    const lines = (text: string): string[] => text.trimEnd().split('\n')
    expect(lines((await run('list', `${id}/l`, '-c', 'F', '-f', 'csv')).stdout)).toEqual([image.fingerprint])
    const headed = await run('list', 'main:', `${id}/l`, '-c', 'F', '-f', 'csv,header')
    expect(lines(headed.stdout)).toEqual(['FINGERPRINT', image.fingerprint])
  })

  test('show prints the record, and suggests the nearest alias', async (context) => {
    if (why !== undefined) return context.skip(why)
    const shown = await run('image', 'show', `main:${id}/listed`)
    expect(shown.stdout).toContain(`fingerprint: ${image.fingerprint}\n`)
    const missing = await run('show', `${id}/lisetd`)
    expect([missing.code, missing.stdout]).toEqual([1, ''])
    expect(missing.stderr).toContain(`Cannot find image "${id}/lisetd" on "main"`)
    expect(missing.stderr).toContain(`did you mean "${id}/listed"?`)
  })

  test('a script also runs by itself', async (context) => {
    if (why !== undefined) return context.skip(why)
    const started = await startScript('info', [image.fingerprint.slice(0, 10), '--remote', 'main'], {
      cwd,
      environment,
    })
    const { code, stdout, stderr } = await started.ended
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`Fingerprint: ${image.fingerprint}\n`)
    expect(stdout).toContain(`    - ${id}/long-name\n`)
  })

  test('an unknown remote is reported with the nearest one', async (context) => {
    if (why !== undefined) return context.skip(why)
    const { code, stderr } = await run('show', 'mian:x')
    expect([code, stderr]).toEqual([
      1,
      'Cannot run "hyperkit show": there is no remote "mian"; did you mean "main:x"?\n',
    ])
  })
})
