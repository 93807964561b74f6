import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import type { OpenServer } from './open-server.ts'
import { type FileServer, serveFiles } from './serve-file.ts'
import { serverTargets } from './server-targets.ts'
import { startWatch, type Watch } from './start-watch.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-schedule-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe.each(serverTargets(cwd))('a watch of %s with a schedule', (_, open) => {
  let server: OpenServer
  let web: FileServer
  const id = `s${randomUUID().slice(0, 8)}`
  const file = join(cwd, `${id}.tar.gz`)
  const manifest = join(cwd, `${id}.yaml`)
  const next = 'hyperkit_next_scheduled_run_timestamp_seconds'

  beforeAll(async () => {
    if (open === undefined) return
    server = await open()
    web = await serveFiles((request, response) => {
      const bytes = readFileSync(file)
      response.writeHead(200, { 'content-length': bytes.length })
      response.end(request.method === 'HEAD' ? undefined : bytes)
    })
    writeFileSync(
      manifest,
      `version: 1\nname: ${id}\nservers: { it: ${server.yaml} }\nimages:\n  - { name: ${id}, source: { url: "${web.url}/a.tar.gz", insecure: true } }\n`,
    )
  })
  afterAll(async () => {
    if (open === undefined) return
    for (const { fingerprint, properties } of await server.client.images.list())
      if (properties['hyperkit.manifest'] === id) await server.client.images.delete(fingerprint)
    await web.close()
    await server.close()
  })
  beforeEach((context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such server')
  })
  const make = async (content: string): Promise<string> => {
    makeImage(file, `${id} ${content}`)
    return (await fingerprintOf(file)).fingerprint
  }
  const start = (...args: string[]): Promise<Watch> =>
    startWatch(['--yes', ...args, manifest], { cwd, environment: { XDG_CACHE_HOME: join(cwd, 'cache') } })

  test('a scheduled pass brings a new image of a web server, which sends no events', async () => {
    const first = await make('one')
    const watch = await start('--json', '--schedule', '* * * * * *', '--jitter', '0s')
    const target = async () => (await server.client.aliases.get(id)).target
    expect(await target()).toBe(first)
    // By then the pass for the events of its first run is over.
    await watch.until(async () => (await watch.sum('hyperkit_run_reasons_total', '"schedule"')) >= 2)
    const second = await make('two')
    await watch.until(async () => (await target()) === second)
    await watch.until(async () => (await watch.sum('hyperkit_runs_total', '"changed"')) === 2)
    expect(await watch.get('/readyz')).toMatchObject({ status: 200, text: 'it: ok\n' })
    const { code, stdout } = await watch.end('SIGTERM')
    expect(code).toBe(143)
    const runs = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ event, result }) => event === 'run' && result === 'changed')
    expect(runs).toHaveLength(2)
    expect(runs[1].reasons).toContain('schedule')
  })

  test('a schedule waits for its time, late by at most the jitter, and SIGTERM ends the wait', async () => {
    await make('three')
    const newYear = new Date(new Date().getFullYear() + 1, 0, 1).getTime() / 1000
    const exact = await start('--schedule', '0 0 1 1 *', '--jitter', '0s')
    expect(await exact.metric(next)).toBe(newYear)
    expect(await exact.get('/healthz')).toMatchObject({ status: 200 })
    expect((await exact.end('SIGTERM')).code).toBe(143)
    const late = await start('--schedule', '0 0 1 1 *', '--jitter', '2h')
    const time = (await late.metric(next)) ?? 0
    expect(time - newYear).toBeGreaterThanOrEqual(0)
    expect(time - newYear).toBeLessThanOrEqual(7200)
    expect(await late.metric('hyperkit_run_reasons_total{reason="schedule"}')).toBeUndefined()
    expect((await late.end('SIGTERM')).code).toBe(143)
  })
})
