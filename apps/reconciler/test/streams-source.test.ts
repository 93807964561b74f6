import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf } from '@hyperkit/files'
import { changesOf } from '@hyperkit/reconcile'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { openFar } from './open-far.ts'
import type { OpenServer } from './open-server.ts'
import { actionsOf, applyOf, outcomesOf, planOf } from './plan-and-apply.ts'
import type { FileServer } from './serve-file.ts'
import { type StreamedFile, serveStreams } from './serve-streams.ts'
import { sourceTargets } from './source-targets.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-streams-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const targets = sourceTargets(folder, [
  ['lxd', 'lxd'],
  ['incus', 'incus'],
])

describe.each(targets)('an image of a simplestreams server, %s', (name, open) => {
  let target: OpenServer
  let web: FileServer
  let id = ''
  let versions: StreamedFile[] = []

  beforeAll(async () => {
    if (open === undefined) return
    const opened = await open()
    target = opened.target
    await opened.source.close()
  })
  afterAll(async () => {
    if (open === undefined) return
    for (const { fingerprint, properties } of await target.client.images.list())
      if (/^m[0-9a-f]{8}$/.test(properties['hyperkit.manifest'] ?? ''))
        await target.client.images.delete(fingerprint)
    await target.close()
  })
  beforeEach(async (context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such servers')
    id = `m${randomUUID().slice(0, 8)}`
    versions = []
    release('20260101_00:00')
    web = await serveStreams(() => versions)
  })
  afterEach(() => web?.close())

  const release = (version: string): void => {
    const file = join(folder, `${id}-${versions.length}.tar.gz`)
    makeImage(file, `${id} ${version}`)
    versions.push({ version, file })
  }
  const write = (more = '', server = target.yaml): string => {
    const path = join(folder, `${id}.yaml`)
    writeFileSync(
      path,
      `version: 1\nname: ${id}\nservers: { it: ${server} }\nimages:\n  - name: ${id}\n    source: { remote: "${web.url}", protocol: simplestreams, alias: alpine/edge, insecure: true }\n${more}`,
    )
    return path
  }
  const newest = async (): Promise<string> => (await fingerprintOf(versions.at(-1)?.file ?? '')).fingerprint

  test('a simplestreams name gives the image that a server would download by it', async () => {
    const path = write('    autoUpdate: true\n')
    const fingerprint = await newest()
    expect(changesOf(await planOf(path))).toMatchObject([
      {
        action: 'download-image',
        fingerprint,
        from: { kind: 'remote', server: web.url, protocol: 'simplestreams', alias: 'alpine/edge' },
      },
      { action: 'create-alias' },
    ])
    expect(outcomesOf(await applyOf(path))).toEqual(['it: download-image: done', 'it: create-alias: done'])
    expect(await target.client.images.getByAlias(id)).toMatchObject({
      fingerprint,
      autoUpdate: true,
      updateSource: { server: web.url, protocol: 'simplestreams', alias: 'alpine/edge' },
    })
    expect(actionsOf(await planOf(path))).toEqual([])
  })

  test('a newer version on a simplestreams server is drift, and an outdated list moves nothing back', async () => {
    const path = write()
    await applyOf(path)
    const first = await newest()
    release('20260201_00:00')
    const second = await newest()
    expect(actionsOf(await planOf(path))).toEqual(['download-image', 'update-alias'])
    const report = await applyOf(path)
    const { target: now } = await target.client.aliases.get(id)
    if (report.servers[0]?.status === 'done') {
      expect(now).toBe(second)
      expect(actionsOf(await planOf(path))).toEqual([])
      return
    }
    // Real servers cache the list for an hour.
    expect(name).toMatch(/^real/)
    expect(report.servers[0]?.results[0]?.error).toMatchObject({ code: 'fingerprint-mismatch' })
    expect(report.servers[0]?.results[0]?.error?.message).toContain(
      'servers may use an older index for up to an hour',
    )
    expect(now).toBe(first)
    expect(await target.client.images.find(first)).toBeDefined()
  })

  test('an image that a server updated by itself to the current version matches the manifest', async (context) => {
    if (name.startsWith('real')) context.skip('real servers keep the list of images for an hour')
    const path = write('    autoUpdate: true\n    properties: { release: edge }\n')
    await applyOf(path)
    release('20260201_00:00')
    const { fingerprint: old } = await target.client.images.getByAlias(id)
    expect(await target.client.images.refresh(old)).toMatchObject({ refreshed: true })
    const now = await target.client.images.getByAlias(id)
    expect(now.fingerprint).toBe(await newest())
    // The update dropped the properties of the manifest; there is nothing else to do.
    expect(actionsOf(await planOf(path))).toEqual(['update-image'])
    await applyOf(path)
    expect(actionsOf(await planOf(path))).toEqual([])
  })

  test('a simplestreams image goes through this process if the server cannot reach its source', async (context) => {
    if (!name.startsWith('embedded')) context.skip('real servers on one machine get at the web server')
    const far = await openFar(folder, name.startsWith('embedded lxd') ? 'lxd' : 'incus')
    const path = write('', far.yaml)
    expect(outcomesOf(await applyOf(path))).toEqual(['it: download-image: done', 'it: create-alias: done'])
    expect((await far.client.images.getByAlias(id)).fingerprint).toBe(await newest())
    expect(actionsOf(await planOf(path))).toEqual([])
    await far.close()
  })
})
