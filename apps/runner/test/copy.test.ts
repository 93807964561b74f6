import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseTargets, makeImage, makeSplitImage } from '@hyperkit/conformance'
import type { Client } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeReal, type OpenServer, openEmbedded, writeRemotes } from './open-remotes.ts'
import { type ServedStreams, serveStreams } from './serve-streams.ts'
import { type Ended, runHyperkit } from './start-command.ts'

const pairs = [
  ['embedded lxd', 'embedded incus'],
  ['embedded incus', 'embedded lxd'],
  ['lxd', 'incus'],
  ['incus', 'lxd'],
  ['lxd', 'another lxd'],
  ['incus', 'another incus'],
] as const

describe.each(chooseTargets(pairs))('copying from %s to %s', (sourceKind, targetKind) => {
  const id = `r${randomUUID().slice(0, 8)}`
  const cwd = mkdtempSync(join(tmpdir(), 'hk-copy-'))
  const opened: OpenServer[] = []
  const clients: Record<string, Client> = {}
  const asked: string[] = []
  let streams: ServedStreams
  let environment: Record<string, string> | undefined
  const made = new Set<string>()

  beforeAll(async () => {
    const open = async (kind: string) => {
      const dialect = kind.endsWith('lxd') ? 'lxd' : 'incus'
      if (!kind.startsWith('embedded')) return describeReal(dialect, kind.startsWith('another') ? 1 : 0)
      const server = await openEmbedded({
        dialect,
        faults: (request, answer) => {
          if (request.method !== 'GET') asked.push(`${request.method} ${new URL(request.url).pathname}`)
          return answer()
        },
      })
      opened.push(server)
      return server
    }
    const [source, target] = [await open(sourceKind), await open(targetKind)]
    if (source === undefined || target === undefined) return
    const split = await makeSplitImage({ directory: cwd, name: `${id}-streamed`, seed: id })
    streams = await serveStreams({
      directory: cwd,
      images: [{ os: 'Tiny', release: 'edge', aliases: ['tiny/edge'], image: split }],
    })
    made.add(split.fingerprint)
    const remotes = writeRemotes(cwd, { from: source, to: target }, { streams })
    environment = remotes.environment
    for (const name of ['from', 'to']) clients[name] = await remotes.client(name)
  })
  beforeEach((context) => {
    asked.length = 0
    if (environment === undefined) context.skip('HYPERKIT_SERVERS does not name both servers')
  })
  afterAll(async () => {
    for (const client of Object.values(clients)) {
      for (const fingerprint of made)
        if (await client.images.find(fingerprint)) await client.images.delete(fingerprint)
      client.close()
    }
    await streams?.close()
    for (const server of opened) await server.close()
    rmSync(cwd, { recursive: true, force: true })
  })
  const run = (...args: string[]): Promise<Ended> =>
    runHyperkit(args, { cwd, environment: environment ?? {} })
  const clientOf = (name: 'from' | 'to'): Client => clients[name] as Client
  const upload = async (client: Client, name: string, aliases: string[] = []) => {
    const file = await makeImage({ directory: cwd, name: `${id}-${name}`, properties: { os: id } })
    made.add(file.fingerprint)
    return uploadImage(client, file.path, { aliases })
  }

  test('several images arrive with their aliases and properties', async () => {
    const one = await upload(clientOf('from'), 'one', [`${id}/one`])
    const two = await upload(clientOf('from'), 'two', [`${id}/two`])
    const { code, stdout } = await run(
      'copy',
      `${id}/one`,
      `from:${two.fingerprint.slice(0, 20)}`,
      'to:',
      '--copy-aliases',
    )
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(`^${id}/one: copied to "to" by \\w+, fingerprint ${one.fingerprint}\n`),
      ),
    ])
    expect(await clientOf('to').images.getByAlias(`${id}/one`)).toMatchObject({
      fingerprint: one.fingerprint,
      public: false,
      properties: { os: id },
    })
    expect((await clientOf('to').aliases.get(`${id}/two`)).target).toBe(two.fingerprint)
    const planned = await run('copy', `${id}/one`, 'to:', '--alias', `${id}/more`, '--dry-run')
    expect(planned.stdout.match(/^would send .*$/gm)).toEqual(['would send to to: POST /1.0/images/aliases'])
    const again = await run('image', 'cp', `${id}/one`, 'to:', '--json', '--public')
    expect(JSON.parse(again.stdout)).toEqual([
      { image: `${id}/one`, fingerprint: one.fingerprint, server: 'to', mode: 'none' },
    ])
    expect((await clientOf('to').images.get(one.fingerprint)).public).toBe(true)
  })

  test.each(['pull', 'push', 'relay'])('--mode %s chooses how images are copied', async (mode) => {
    const image = await upload(clientOf('from'), mode)
    const { code, stdout, stderr } = await run('copy', image.fingerprint, 'to:', '--mode', mode, '--json')
    if (mode === 'push' && !targetKind.startsWith('another')) {
      expect([code, JSON.parse(stdout).error.code]).toEqual([1, 'copy-failed'])
      expect(stderr).toMatch(/push: Cannot push from "from" to "to": LXD and Incus cannot push to each other/)
      return
    }
    expect([code, stderr.includes('Cannot')]).toEqual([0, false])
    expect(JSON.parse(stdout)).toMatchObject([{ fingerprint: image.fingerprint, mode }])
  })

  test('an alias of another image is moved by one PUT, after the image is there, and only with --reuse', async () => {
    const [old, fresh] = [
      await upload(clientOf('to'), 'old', [`${id}/moved`]),
      await upload(clientOf('from'), 'fresh'),
    ]
    const refused = await run('copy', fresh.fingerprint, 'to:', '--alias', `${id}/moved`)
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toContain(`Cannot give alias "${id}/moved" on "to" to the copy`)
    expect(await clientOf('to').images.find(fresh.fingerprint)).toBeUndefined()
    asked.length = 0
    const planned = await run(
      'copy',
      fresh.fingerprint,
      'to:',
      '--alias',
      `${id}/moved`,
      '--reuse',
      '--dry-run',
    )
    expect(planned.stdout).toContain(`would copy ${fresh.fingerprint}, `)
    expect(planned.stdout).toMatch(
      new RegExp(`would send to to: PUT /1.0/images/aliases/${id}%2Fmoved\n  if-match: `),
    )
    expect(asked).toEqual([])
    expect((await run('copy', fresh.fingerprint, 'to:', '--alias', `${id}/moved`, '--reuse')).code).toBe(0)
    expect((await clientOf('to').aliases.get(`${id}/moved`)).target).toBe(fresh.fingerprint)
    expect(await clientOf('to').images.find(old.fingerprint)).toBeDefined()
    if (!targetKind.startsWith('embedded')) return
    const moves = asked.filter((call) => call.startsWith('PUT /1.0/images/aliases/'))
    expect(moves).toEqual([`PUT /1.0/images/aliases/${id}%2Fmoved`])
  })

  test('an image comes from a simplestreams remote, and is verified there', async () => {
    const { code, stdout, stderr } = await run('copy', 'streams:tiny/edge', 'to:', '--alias', `${id}/tiny`)
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^streams:tiny\/edge: copied to "to" by \w+, fingerprint [0-9a-f]{64}\n$/),
    ])
    expect(stderr).not.toContain('Cannot finish')
    expect((await clientOf('to').images.getByAlias(`${id}/tiny`)).properties).toMatchObject({
      os: 'Tiny',
      release: 'edge',
    })
    const { fingerprint } = await clientOf('to').images.getByAlias(`${id}/tiny`)
    const listed = await run('list', 'streams:', 'os=Tiny', '-c', 'Fp', '-f', 'csv')
    expect([listed.code, listed.stdout]).toEqual([0, `${fingerprint},yes\n`])
    const shown = await run('show', 'streams:tiny/edge', '--json')
    expect(JSON.parse(shown.stdout)).toMatchObject({ fingerprint, properties: { os: 'Tiny' }, public: true })
    expect((await run('info', `streams:${fingerprint}`)).stdout).toContain('    - tiny/edge\n')
    mkdirSync(join(cwd, 'out'))
    const exported = await run('export', 'streams:tiny/edge', 'out', '--json')
    const { metadata, rootfs } = JSON.parse(exported.stdout) as { metadata: string; rootfs: string }
    const hash = createHash('sha256')
    for (const path of [metadata, rootfs]) hash.update(readFileSync(join(cwd, path)))
    expect(hash.digest('hex')).toBe(fingerprint)
    expect(readdirSync(join(cwd, 'out')).sort()).toEqual([
      `${fingerprint}.tar.gz`,
      `meta-${fingerprint}.tar.gz`,
    ])
    const verified = await run('verify', 'streams:tiny/edge', `to:${id}/tiny`)
    expect([verified.code, verified.stdout.match(/^ok /gm)]).toEqual([0, ['ok ', 'ok ']])
  })

  test.each([
    [['copy', 'one'], 'an image and the target'],
    [['copy', 'one', 'two'], 'the target is missing; give a server such as "two:"'],
    [
      ['copy', 'one', 'to:two'],
      'the target must be a server, such as "to:"; name the copy with "--alias two"',
    ],
    [['copy', 'a', 'b', 'to:', '--alias', 'c'], '"--alias" is for one image'],
    [['copy', 'a', 'to:', '--mode', 'pul'], 'did you mean "pull"?'],
    [['copy', 'streams:tiny/egde', 'to:'], 'Cannot find image "tiny/egde" on "streams"'],
    [['copy', 'none', 'to:', '--vm'], 'Cannot find image "none" on "from"'],
  ])('hyperkit %j is refused', async (args, sentence) => {
    const { code, stdout, stderr } = await run(...args)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(sentence)
    expect(asked).toEqual([])
  })
})
