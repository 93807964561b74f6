import { randomUUID } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import type { OpenServer } from './open-server.ts'
import { applyOf } from './plan-and-apply.ts'
import { serverTargets } from './server-targets.ts'
import { startWatch, type Watch } from './start-watch.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-watch-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe.each(serverTargets(cwd))('watching %s', (_, open) => {
  let server: OpenServer
  // Names and contents of this test alone, because other tests may use a real server at the same time.
  const id = `w${randomUUID().slice(0, 8)}`
  const file = join(cwd, `${id}.tar.gz`)
  const manifest = join(cwd, `${id}.yaml`)

  beforeAll(async () => {
    if (open !== undefined) server = await open()
  })
  afterAll(async () => {
    if (open === undefined) return
    for (const image of await server.client.images.list())
      if (
        image.properties['hyperkit.manifest'] === id ||
        image.aliases.some(({ name }) => name.startsWith(id))
      )
        await server.client.images.delete(image.fingerprint)
    await server.close()
  })
  beforeEach((context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such server')
  })
  /** Replaces the file by a new one, as editors do. */
  const write = (text: string): void => {
    writeFileSync(`${manifest}.new`, text)
    renameSync(`${manifest}.new`, manifest)
  }
  const manifestText = (more = ''): string =>
    `version: 1\nname: ${id}\nservers: { it: ${server.yaml} }\nimages:\n  - { name: ${id}, source: { file: ${file} }${more} }\n`
  const make = async (content: string): Promise<string> => {
    makeImage(`${file}.new`, `${id} ${content}`)
    renameSync(`${file}.new`, file)
    return (await fingerprintOf(file)).fingerprint
  }
  const start = (...args: string[]): Promise<Watch> => startWatch([...args, manifest], { cwd })
  /** Applies before a watch, which then has nothing to change and causes no events that lead to another pass. */
  const apply = async (): Promise<void> => {
    write(manifestText())
    expect((await applyOf(manifest)).servers).toMatchObject([{ status: 'done' }])
  }
  const targetOf = async (name: string) => (await server.client.aliases.find(name))?.target

  test('a watch reverts each manual change once, and does not react to its own changes', async () => {
    const fingerprint = await make('one')
    write(manifestText())
    const { until, metric, sum, shows, end } = await start('--yes')
    expect(await targetOf(id)).toBe(fingerprint)

    makeImage(join(cwd, `${id}-other.tar.gz`), `${id} other`)
    const other = await uploadImage(server.client, join(cwd, `${id}-other.tar.gz`))
    await server.client.aliases.update(id, { target: other.fingerprint })
    await until(async () => (await targetOf(id)) === fingerprint)
    await shows(`it: moved alias ${id}`)

    await server.client.images.delete(fingerprint)
    await until(async () => (await server.client.images.find(fingerprint)) !== undefined)
    await until(async () => (await targetOf(id)) === fingerprint)

    await server.client.aliases.rename(id, `${id}/elsewhere`)
    await until(async () => (await targetOf(id)) === fingerprint)

    // A pass can fail if the next manual change comes in the middle of it; the pass after it repairs that.
    const busy = async () =>
      (await sum('hyperkit_runs_total', '"changed"')) + (await sum('hyperkit_runs_total', '"failed"'))
    await until(async () => (await busy()) >= 4)

    // An event of an image that the manifest does not name starts no pass.
    const unnamed = async () => (await metric('hyperkit_events_total{server="it",concerns="false"}')) ?? 0
    const before = await unnamed()
    await server.client.images.delete(other.fingerprint)
    await until(async () => (await unnamed()) > before)

    // The first pass and one for each manual change, and for each of these another one for the events that it caused.
    expect(await busy()).toBeLessThanOrEqual(6)
    expect(await sum('hyperkit_runs_total')).toBeLessThanOrEqual(12)
    const { code, stdout, stderr } = await end('SIGTERM')
    expect(code).toBe(143)
    expect(stderr).toContain('Interrupted by SIGTERM')
    expect(stdout).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\S+Z it: moved alias ${id}$`, 'm'))
    expect(stdout).toContain(`it: uploaded image ${id}\n`)
    expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(12)
  })

  test('a watch restores a deleted image that another project has too, for which servers send no event', async () => {
    const fingerprint = await make('shared')
    const project = `${id}-other`
    const json = { name: project, config: { 'features.images': 'true', 'features.profiles': 'false' } }
    await server.client.request({ method: 'POST', path: '/1.0/projects', json })
    const there = server.client.project(project)
    try {
      await uploadImage(there, file)
      await apply()
      const { until, sum, end } = await start('--yes')
      await server.client.images.delete(fingerprint)
      await until(async () => (await targetOf(id)) === fingerprint)
      expect(await sum('hyperkit_run_reasons_total', '"event"')).toBeGreaterThan(0)
      expect((await end('SIGTERM')).code).toBe(143)
    } finally {
      await there.images.delete(fingerprint)
      await server.client.request({ method: 'DELETE', path: `/1.0/projects/${project}` })
    }
  })

  test('a watch restores an image that was deleted in a project that shares images with the default project', async () => {
    const fingerprint = await make('lent')
    const [sharing, own] = [`${id}-sharing`, `${id}-own`]
    for (const [name, images] of [
      [sharing, 'false'],
      [own, 'true'],
    ] as const) {
      const json = { name, config: { 'features.images': images, 'features.profiles': 'false' } }
      await server.client.request({ method: 'POST', path: '/1.0/projects', json })
    }
    try {
      // Another project with its own images has the image too, so there is no event of the image, only of the operation.
      await uploadImage(server.client.project(own), file)
      await apply()
      const { until, sum, end } = await start('--yes')
      await server.client.project(sharing).images.delete(fingerprint)
      await until(async () => (await targetOf(id)) === fingerprint)
      expect(await sum('hyperkit_run_reasons_total', '"event"')).toBeGreaterThan(0)
      expect((await end('SIGTERM')).code).toBe(143)
    } finally {
      await server.client.project(own).images.delete(fingerprint)
      for (const project of [sharing, own])
        await server.client.request({ method: 'DELETE', path: `/1.0/projects/${project}` })
    }
  })

  test('a watch rolls out a changed source, and keeps the last good manifest while the new one is broken', async () => {
    await make('two')
    write(manifestText())
    const { until, metric, shows, get, child } = await start('--yes')
    const next = await make('three')
    await until(async () => (await targetOf(id)) === next)

    write(manifestText(', propertys: {}'))
    await shows(`${id}.yaml:5:`)
    expect(await metric('hyperkit_manifest_good')).toBe(0)
    expect(await get('/readyz')).toMatchObject({ status: 200, text: expect.stringContaining('is not valid') })
    const after = await make('four')
    await until(async () => (await targetOf(id)) === after)

    write(manifestText(', properties: { color: blue }'))
    await until(async () => (await server.client.images.get(after)).properties.color === 'blue')
    expect(await metric('hyperkit_manifest_good')).toBe(1)
    process.kill(child.pid ?? 0, 'SIGHUP')
    await until(async () => ((await metric('hyperkit_run_reasons_total{reason="manifest"}')) ?? 0) >= 2)
  })

  test('a watch with --dry-run reports each difference once and changes nothing', async () => {
    const fingerprint = await make('five')
    write(manifestText())
    const { until, metric, get, child, end } = await start('--dry-run', '--json')
    expect(await server.client.images.find(fingerprint)).toBeUndefined()
    expect(await metric('hyperkit_pending_changes{server="it"}')).toBeGreaterThan(0)
    process.kill(child.pid ?? 0, 'SIGHUP')
    await until(async () => (await metric('hyperkit_runs_total{result="pending"}')) === 2)
    expect((await get('/healthz')).status).toBe(200)
    const { code, stdout } = await end('SIGINT')
    expect(code).toBe(130)
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const uploads = documents.filter(({ event, action }) => event === 'change' && action === 'upload-image')
    expect(uploads).toMatchObject([
      { format: 'hyperkit-watch', version: 1, server: 'it', fingerprint, outcome: 'pending' },
    ])
  })
})
