import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { chooseTargets, makeImage, makeSplitImage, startUrlSource } from '@hyperkit/conformance'
import type { Client } from '@hyperkit/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeReal, type OpenServer, openEmbedded, type Remotes, writeRemotes } from './open-remotes.ts'
import { type Ended, runHyperkit, startHyperkit } from './start-command.ts'

const kinds = ['embedded lxd', 'embedded incus', 'lxd', 'incus'] as const

describe.each(chooseTargets(kinds))('against %s', (kind) => {
  let cwd: string
  let server: OpenServer | undefined
  let client: Client
  let run: (...args: string[]) => Promise<Ended>
  let why: string | undefined

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'hk-import-'))
    const dialect = kind.endsWith('lxd') ? 'lxd' : 'incus'
    if (kind.startsWith('embedded')) server = await openEmbedded({ dialect })
    const described = server ?? describeReal(dialect)
    if (described === undefined) {
      why = `no ${kind} is running: give HYPERKIT_SERVERS`
      return
    }
    const { environment, ...remotes } = writeRemotes(cwd, { main: described })
    run = (...args) => runHyperkit(args, { cwd, environment })
    client = await remotes.client('main')
  })
  afterAll(async () => {
    await server?.close()
    rmSync(cwd, { recursive: true, force: true })
  })

  test('a file that is not complete is refused before anything is sent, and sent with --force', async (context) => {
    if (why !== undefined) return context.skip(why)
    const { path, size } = await makeImage({ directory: cwd, name: 'cut', seed: kind, size: 100_000 })
    truncateSync(path, size - 1000)
    const sent = createHash('sha256').update(readFileSync(path)).digest('hex')
    for (const dry of [[], ['--dry-run']]) {
      const refused = await run('import', 'cut.tar.gz', 'main:', '--alias', 'runner/cut', ...dry)
      expect(refused).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(
          'Cannot upload "cut.tar.gz": its end is missing: its last member is not complete; build or copy the file again; --force sends it anyway',
        ),
      })
    }
    expect(await client.images.find(sent)).toBeUndefined()
    const forced = await run('import', 'cut.tar.gz', 'main:', '--force')
    expect(forced).toMatchObject({ code: 0, stdout: `Image imported with fingerprint: ${sent}\n` })
    await client.images.delete(sent)
  })

  test('a file is imported with its names and properties, and exported as it was', async (context) => {
    if (why !== undefined) return context.skip(why)
    const { fingerprint } = await makeImage({ directory: cwd, name: 'one', seed: kind })
    const planned = await run(
      'import',
      'one.tar.gz',
      'main:',
      'release=7',
      '--alias',
      'runner/one',
      '--dry-run',
    )
    expect([planned.code, planned.stderr]).toEqual([0, ''])
    expect(planned.stdout).toContain('would send to main: POST /1.0/images\n')
    expect(planned.stdout).toContain(
      `POST /1.0/images/aliases\n  {"name":"runner/one","target":"${fingerprint}"`,
    )
    expect(await client.images.find(fingerprint)).toBeUndefined()

    const imported = await run('import', 'one.tar.gz', 'release=7', '--alias', 'runner/one', '--public')
    expect(imported).toMatchObject({ code: 0, stdout: `Image imported with fingerprint: ${fingerprint}\n` })
    const image = await client.images.getByAlias('runner/one')
    expect(image).toMatchObject({ fingerprint, public: true, properties: { release: '7' } })

    const again = await run('import', 'one.tar.gz', '--alias', 'runner/one', '--json')
    expect(JSON.parse(again.stdout)).toEqual({ fingerprint })
    expect(again.stderr).toContain(`Image ${fingerprint} was on "main" already, whole; nothing was sent`)
    expect(imported.stderr).not.toContain('already')

    mkdirSync(join(cwd, 'out'), { recursive: true })
    const exported = await run('export', 'runner/one', 'out', '--json')
    const { path } = JSON.parse(exported.stdout) as { path: string }
    expect(
      createHash('sha256')
        .update(readFileSync(join(cwd, path)))
        .digest('hex'),
    ).toBe(fingerprint)
    await client.images.delete(fingerprint)
  })

  test('the two files of a split image are imported as one image', async (context) => {
    if (why !== undefined) return context.skip(why)
    const split = await makeSplitImage({ directory: cwd, name: 'split', seed: kind })
    const { code, stdout } = await run('import', split.metadata.path, split.rootfs.path, 'main:')
    expect([code, stdout]).toEqual([0, `Image imported with fingerprint: ${split.fingerprint}\n`])
    await client.images.delete(split.fingerprint)
  })

  test('import does not take over an alias of another image without --reuse', async (context) => {
    if (why !== undefined) return context.skip(why)
    const first = await makeImage({ directory: cwd, name: 'first', seed: kind })
    const second = await makeImage({ directory: cwd, name: 'second', seed: kind })
    await run('import', first.path, '--alias', 'runner/taken')
    const refused = await run('import', second.path, '--alias', 'runner/taken')
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toContain('Cannot give alias "runner/taken" on "main"')
    expect((await run('import', second.path, '--alias', 'runner/taken', '--reuse')).code).toBe(0)
    expect((await client.aliases.get('runner/taken')).target).toBe(second.fingerprint)
    for (const { fingerprint } of [first, second]) await client.images.delete(fingerprint)
  })
})

describe.each(['lxd-5.0', 'lxd-6.9'] as const)('from a URL to %s', (dialect) => {
  let cwd: string
  let server: OpenServer
  let client: Client
  let run: (...args: string[]) => Promise<Ended>
  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'hk-import-url-'))
    server = await openEmbedded({ dialect })
    const { environment, ...remotes } = writeRemotes(cwd, { main: server })
    run = (...args) => runHyperkit(args, { cwd, environment })
    client = await remotes.client('main')
  })
  afterAll(async () => {
    await server.close()
    rmSync(cwd, { recursive: true, force: true })
  })

  test('a file from an http URL is imported with --sha256, and refused with another hash or without one', async () => {
    const image = await makeImage({ directory: cwd, name: 'web', seed: 'web' })
    const source = await startUrlSource({ image })
    try {
      const file = `${source.url}/files/web.tar.gz`
      const without = await run('import', file)
      expect([without.code, without.stdout]).toEqual([1, ''])
      expect(without.stderr).toContain('without "--sha256" the URL must be https:')
      const other = await run('import', source.pageUrl, '--sha256', 'ab'.repeat(32))
      expect([other.code, other.stdout]).toEqual([1, ''])
      expect(other.stderr).toContain(`it names image ${image.fingerprint.slice(0, 12)}`)
      expect(await client.images.fingerprints()).toEqual([])
      const imported = await run('import', file, 'release=7', '--alias', 'web', '--sha256', image.fingerprint)
      expect(imported).toMatchObject({
        code: 0,
        stdout: `Image imported with fingerprint: ${image.fingerprint}\n`,
      })
      expect(await client.images.getByAlias('web')).toMatchObject({
        fingerprint: image.fingerprint,
        properties: { release: '7' },
      })
    } finally {
      await source.stop()
    }
  })
})

describe('import from a server that hangs, or of wrong files', () => {
  let cwd: string
  let server: OpenServer
  let remotes: Remotes
  let isWaitedFor = false
  let mayCancel = true
  let asked: string[] = []
  const id = '3f2a91c0-0000-4000-8000-000000000001'
  const operation = {
    id,
    class: 'task',
    description: 'Downloading image',
    created_at: '2026-11-24T06:00:00Z',
    updated_at: '2026-11-24T06:00:00Z',
    status: 'Running',
    status_code: 103,
    resources: {},
    metadata: null,
    may_cancel: true,
    err: '',
    location: 'none',
  }

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'hk-trouble-'))
    server = await openEmbedded({
      dialect: 'incus',
      // The operation of the import never ends by itself.
      faults: async (request, answer) => {
        const { pathname } = new URL(request.url)
        asked.push(`${request.method} ${pathname}`)
        if (request.method === 'POST' && pathname === '/1.0/images') {
          await request.body?.cancel()
          const body = {
            type: 'async',
            status: 'Operation created',
            status_code: 100,
            operation: `/1.0/operations/${id}`,
          }
          return Response.json(
            { ...body, metadata: operation },
            { status: 202, headers: { location: `/1.0/operations/${id}` } },
          )
        }
        if (!pathname.startsWith(`/1.0/operations/${id}`)) return answer()
        if (request.method === 'DELETE' && !mayCancel)
          return Response.json(
            { type: 'error', error: 'cannot be cancelled', error_code: 400 },
            { status: 400 },
          )
        if (request.method === 'DELETE')
          return Response.json({ type: 'sync', status_code: 200, metadata: {} })
        isWaitedFor ||= pathname.endsWith('/wait')
        if (pathname.endsWith('/wait')) await new Promise((resolve) => setTimeout(resolve, 200))
        return Response.json({ type: 'sync', status: 'Success', status_code: 200, metadata: operation })
      },
    })
    remotes = writeRemotes(cwd, { main: server })
    await makeImage({ directory: cwd, name: 'slow' })
    mkdirSync(join(cwd, 'folder'))
    execFileSync('tar', ['-C', cwd, '-cf', join(cwd, 'hollow.tar'), 'folder'])
  })
  afterAll(async () => {
    await server.close()
    rmSync(cwd, { recursive: true, force: true })
  })
  const start = (...args: string[]) => {
    isWaitedFor = false
    asked = []
    return startHyperkit(args, { cwd, environment: remotes.environment })
  }

  test.each([
    ['SIGINT', 130, true, 'was cancelled'],
    ['SIGTERM', 143, false, 'is still running: the server cannot cancel it'],
  ] as const)(
    '%s in the middle of an import ends it with exit code %i',
    async (signal, code, may, sentence) => {
      mayCancel = may
      const { child, ended } = await start('import', 'slow.tar.gz')
      await expect.poll(() => isWaitedFor, { timeout: 60_000 }).toBe(true)
      // `child.kill` cannot be used: Deno reports no exit code after it.
      process.kill(child.pid ?? 0, signal)
      const result = await ended
      expect(result.code).toBe(code)
      expect(result.stderr).toContain(`Interrupted by ${signal}`)
      expect(result.stderr).toContain(`Operation ${id} on "main" ${sentence}`)
      expect(result.stdout).toBe('')
      expect(asked).toContain(`DELETE /1.0/operations/${id}`)
    },
  )

  test('--timeout ends an import with an error', async () => {
    mayCancel = true
    const { ended } = await start('import', 'slow.tar.gz', '--timeout', '2s')
    const { code, stderr } = await ended
    expect(code).toBe(1)
    expect(stderr).toContain(
      'Cannot finish "hyperkit import": it took longer than the 2 s that --timeout allows',
    )
  })

  test.each([
    [['folder'], '"folder" is a directory; pack it first'],
    [['none.tar'], 'none.tar'],
    [
      ['hollow.tar'],
      'it holds no metadata.yaml; if it is a root file system, give its metadata file before it; --force',
    ],
    [[], 'SOURCE [ROOTFS]'],
    [['http://example.org/image'], 'the URL must be https:'],
    [['slow.tar.gz', 'slow.tar.gz', 'slow.tar.gz'], 'unexpected file "slow.tar.gz"'],
    [['slow.tar.gz', '--sha256', 'f'.repeat(64)], 'not the expected'],
  ])('import %j is refused', async (args, sentence) => {
    const { code, stdout, stderr } = await (await start('import', ...args)).ended
    expect([code, stdout]).toEqual([1, ''])
    expect(asked).not.toContain('POST /1.0/images')
    expect(stderr).toContain(sentence)
  })
})
