import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseTargets, makeImage } from '@hyperkit/conformance'
import type { Client } from '@hyperkit/core'
import type { SeededInstance } from '@hyperkit/embedded'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deleteInstance, makeInstance } from './make-instance.ts'
import { describeReal, type OpenServer, openEmbedded, writeRemotes } from './open-remotes.ts'
import { type Ended, runHyperkit } from './start-command.ts'

const kinds = [
  ['embedded lxd', 'embedded incus'],
  ['embedded incus', 'embedded lxd'],
  ['lxd', 'incus'],
  ['incus', 'lxd'],
] as const

describe.each(chooseTargets(kinds))('publishing on %s', (kind, otherKind) => {
  const id = `r${randomUUID().slice(0, 8)}`
  const isEmbedded = kind.startsWith('embedded')
  const cwd = mkdtempSync(join(tmpdir(), 'hk-publish-'))
  const opened: OpenServer[] = []
  const clients: Client[] = []
  const changes: string[] = []
  const made = new Set<string>()
  let environment: Record<string, string> | undefined

  beforeAll(async () => {
    const seeded = { properties: { os: 'Tiny', release: '1' } }
    const instances: SeededInstance[] = [
      { name: id, ...seeded, snapshots: ['release'] },
      { name: `${id}-live`, ...seeded, running: true, snapshots: ['release'] },
      { name: `${id}-over`, ...seeded, running: true, expiresAt: '2020-01-02T00:00:00Z' },
      { name: `${id}-brief`, ...seeded, running: true, ephemeral: true },
    ]
    const open = async (name: string) => {
      const dialect = name.endsWith('lxd') ? 'lxd' : 'incus'
      if (!isEmbedded) return describeReal(dialect)
      const server = await openEmbedded({
        dialect,
        instances: name === kind ? instances : [],
        faults: async (request, answer) => {
          const { pathname } = new URL(request.url)
          if (request.method === 'GET') return answer()
          const body = /instances/.test(pathname) ? ` ${await request.clone().text()}` : ''
          changes.push(`${request.method} ${pathname}${body}`)
          return answer()
        },
      })
      opened.push(server)
      return server
    }
    const [main, other] = [await open(kind), await open(otherKind)]
    if (main === undefined || other === undefined) return
    const remotes = writeRemotes(cwd, { main, other })
    environment = remotes.environment
    clients.push(await remotes.client('main'), await remotes.client('other'))
    if (!isEmbedded) {
      const file = await makeImage({ directory: cwd, name: id, properties: { os: 'Tiny', release: '1' } })
      made.add(await makeInstance(clients[0] as Client, file.path, id))
    }
  })
  beforeEach((context) => {
    changes.length = 0
    if (environment === undefined) context.skip('HYPERKIT_SERVERS does not name both servers')
  })
  afterAll(async () => {
    if (environment !== undefined && !isEmbedded) await deleteInstance(clients[0] as Client, id)
    for (const client of clients) {
      for (const fingerprint of made)
        if (await client.images.find(fingerprint)) await client.images.delete(fingerprint)
      client.close()
    }
    for (const server of opened) await server.close()
    rmSync(cwd, { recursive: true, force: true })
  })
  const run = (...args: string[]): Promise<Ended> =>
    runHyperkit(args, { cwd, environment: environment ?? {} })
  const client = (): Client => clients[0] as Client
  const other = (): Client => clients[1] as Client
  const publish = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run('publish', ...args, '--json')
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('Cannot')])
    const { fingerprint } = JSON.parse(stdout) as { fingerprint: string }
    made.add(fingerprint)
    return fingerprint
  }

  test('an instance becomes an image with its names, properties and expiry', async () => {
    const flags = ['--public', '--compression', 'none', '--expire', '2030-01-31']
    const fingerprint = await publish(
      id,
      'release=7',
      'main:',
      '--alias',
      `${id}/web`,
      '--alias',
      `${id}/latest`,
      ...flags,
    )
    const image = await client().images.getByAlias(`${id}/web`)
    expect(image).toMatchObject({ fingerprint, public: true, properties: { release: '7', os: 'Tiny' } })
    expect(image.expiresAt?.toISOString()).toBe('2030-01-31T00:00:00.000Z')
    expect((await client().aliases.get(`${id}/latest`)).target).toBe(fingerprint)
  })

  test('a snapshot becomes an image, and takes over an alias only with --reuse', async () => {
    const fingerprint = await publish(`main:${id}/release`, '--alias', `${id}/taken`)
    changes.length = 0
    const refused = await run('publish', `${id}/release`, '--alias', `${id}/taken`)
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toContain(
      `Cannot give alias "${id}/taken" on "main" to a new image: it points at image ${fingerprint.slice(0, 12)}`,
    )
    expect(changes).toEqual([])
    const next = await publish(`${id}/release`, '--alias', `${id}/taken`, '--reuse', 'n=2')
    expect((await client().aliases.get(`${id}/taken`)).target).toBe(next)
    expect(await client().images.find(fingerprint)).toBeDefined()
  })

  test('an instance is published to another server, and leaves nothing behind', async () => {
    const fingerprint = await publish(id, 'other:', 'n=3', '--alias', `${id}/there`, '--public')
    expect(await client().images.find(fingerprint)).toBeUndefined()
    const image = await other().images.getByAlias(`${id}/there`)
    expect(image).toMatchObject({ fingerprint, public: true, properties: { n: '3', os: 'Tiny' } })
  })

  test('publish --dry-run sends nothing and lists the calls', async () => {
    const { code, stdout } = await run('publish', id, '--alias', `${id}/planned`, '--dry-run')
    expect([code, changes]).toEqual([0, []])
    expect(stdout).toMatch(new RegExp(`would send to main: POST /1.0/images\n  .*"name":"${id}"`))
  })

  test('a running instance is stopped only with --force, and runs again', async (context) => {
    if (!isEmbedded) return context.skip('containers cannot be started on throw-away servers')
    const name = `${id}-live`
    const refused = await run('publish', name)
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toContain(
      `Cannot publish instance "${name}" of "main": it is running; "--force" stops it`,
    )
    await publish(`${name}/release`)
    expect(changes.filter((call) => call.includes('instances'))).toEqual([])
    changes.length = 0
    await publish(name, '--force')
    const state = `PUT /1.0/instances/${name}/state`
    expect(changes).toMatchObject([
      `${state} {"action":"stop","timeout":-1,"force":true}`,
      'POST /1.0/images',
      expect.stringMatching('PUT /1.0/images/'),
      `${state} {"action":"start","timeout":-1,"force":false}`,
    ])
    const planned = await run('publish', name, '--force', '--dry-run')
    expect(planned.stdout.match(/^would send .*$/gm)).toEqual([
      `would send to main: ${state}`,
      'would send to main: POST /1.0/images',
      `would send to main: ${state}`,
    ])
  })

  test('a running instance is started again even if it cannot be published', async (context) => {
    if (!isEmbedded) return context.skip('containers cannot be started on throw-away servers')
    const failed = await run('publish', `${id}-live`, '--force', '--compression', 'nonsense')
    expect([failed.code, failed.stdout]).toEqual([1, ''])
    expect(failed.stderr).toContain('nonsense')
    const { metadata } = await client().request({ method: 'GET', path: `/1.0/instances/${id}-live` })
    expect(metadata).toMatchObject({ status: 'Running' })
  })

  test('an instance whose own image has expired is not stopped, and published only with an expiry', async (context) => {
    if (!isEmbedded) return context.skip('containers cannot be started on throw-away servers')
    const refused = await run('publish', `${id}-over`, '--force')
    expect([refused.code, refused.stdout, changes]).toEqual([1, '', []])
    expect(refused.stderr).toContain(
      `Cannot publish instance "${id}-over" of "main": its own image expired at 2020-01-02T00:00:00.000Z, and the new one would inherit that; give "--expire" with another date, or with "never"`,
    )
    const fingerprint = await publish(`${id}-over`, '--force', '--expire', 'never')
    expect(await client().images.get(fingerprint)).toMatchObject({ expiresAt: undefined })
  })

  test('an ephemeral instance survives being stopped', async (context) => {
    if (!isEmbedded) return context.skip('containers cannot be started on throw-away servers')
    await publish(`${id}-brief`, '--force')
    const { metadata } = await client().request({ method: 'GET', path: `/1.0/instances/${id}-brief` })
    expect(metadata).toMatchObject({ status: 'Running', ephemeral: true })
  })

  test.each([
    [['none'], 'none'],
    [['main:'], '"main:" does not name an instance'],
    [['web/a/b'], 'does not name an instance'],
    [['web', 'nonsense'], '"nonsense" is neither key=value nor a server'],
    [['web', 'main:', 'other:'], 'two servers are named'],
    [['web', '--expire', 'tomorrow'], 'give a date such as 2030-01-31'],
    [['web', '--format', 'splitt'], 'did you mean "split"?'],
  ])('publish %j is refused', async (args, sentence) => {
    const { code, stdout, stderr } = await run('publish', ...args)
    expect([code, stdout, changes]).toEqual([1, '', []])
    expect(stderr).toContain(sentence)
  })
})
