import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { HyperkitError } from '@hyperkit/core'
import { expect, test, vi } from 'vitest'
import { createWatchMetrics } from '../watch/metrics/watch-metrics.ts'
import { createFingerprinter } from './fingerprint-files.ts'
import { loadWatch } from './keep-watch.ts'
import { createWatchPass } from './watch-pass.ts'

test('passes that run side by side read no more servers at once than one pass does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hk-pass-'))
  const path = join(folder, 'images.yaml')
  const servers = 'a: { url: "http://127.0.0.1:1" }, b: { url: "http://127.0.0.1:2" }'
  await writeFile(
    path,
    `version: 1\nname: m\nservers: { ${servers} }\nimages: [{ name: x, state: absent }]\n`,
  )
  const choice = { servers: [], targets: [] }
  const asked = new Map<string, number>()
  let most = 0
  const count = (name: string, more: number): void => {
    asked.set(name, (asked.get(name) ?? 0) + more)
    most = Math.max(most, [...asked.values()].filter((requests) => requests > 0).length)
  }
  const runPass = createWatchPass({
    signal: new AbortController().signal,
    choice,
    isDry: true,
    lockTimeout: 0,
    parallelism: 1,
    fingerprint: createFingerprinter({ isDry: true }),
    hide: () => {},
    progress: { take: () => {}, stop: () => {} },
    tell: () => {},
    metrics: createWatchMetrics({}),
    wrapTransport: (transport) => ({
      ...transport,
      async fetch() {
        count(transport.origin, 1)
        for (let turns = 0; turns < 20; turns++) await turn()
        count(transport.origin, -1)
        throw new HyperkitError('unreachable', 'gone')
      },
    }),
  })
  try {
    const loaded = await loadWatch([path], choice, () => {})
    const pass = (name: string) =>
      runPass(
        loaded,
        { servers: [name], reasons: ['event'] },
        () => undefined,
        () => {},
      )
    const results = await Promise.all([pass('a'), pass('b')])
    expect(results.map((result) => result.servers.map(({ failure }) => failure?.code))).toEqual([
      ['unreachable'],
      ['unreachable'],
    ])
    expect([asked.size, most]).toEqual([2, 1])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a registry that answers 429 with Retry-After is not asked again by a pass before that time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hk-pass-'))
  const path = join(folder, 'images.yaml')
  const source = '{ remote: "https://registry.invalid", protocol: oci, alias: "team/app:1" }'
  await writeFile(
    path,
    `version: 1\nname: m\nservers: { a: { url: "http://127.0.0.1:1" } }\nimages: [{ name: x, source: ${source} }, { name: y, source: ${source.replace(':1', ':2')} }]\n`,
  )
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) })
  const choice = { servers: [], targets: [] }
  const headers = { 'retry-after': '3600' }
  let asked = 0
  const extensions = ['instance_oci', 'dev_incus_images']
  const server = { api_extensions: extensions, auth: 'trusted', environment: { server: 'incus' } }
  const runPass = createWatchPass({
    signal: new AbortController().signal,
    choice,
    isDry: true,
    lockTimeout: 0,
    fingerprint: createFingerprinter({ isDry: true }),
    hide: () => {},
    progress: { take: () => {}, stop: () => {} },
    tell: () => {},
    metrics: createWatchMetrics({}),
    wrapTransport: (transport) => ({
      ...transport,
      async fetch(input) {
        if (transport.origin === 'https://registry.invalid') {
          asked += 1
          return new Response('', { status: 429, headers })
        }
        const metadata =
          new URL(input instanceof Request ? input.url : String(input)).pathname === '/1.0' ? server : []
        return Response.json({ type: 'sync', status_code: 200, metadata })
      },
    }),
  })
  try {
    const loaded = await loadWatch([path], choice, () => {})
    const failures = async (): Promise<string[]> => {
      const pass = { servers: 'all', reasons: ['retry'] } as const
      const found = await runPass(
        loaded,
        { ...pass, reasons: [...pass.reasons] },
        () => undefined,
        () => {},
      )
      return found.servers.map(({ failure }) => failure?.message ?? '')
    }
    const first = await failures()
    expect(first).toEqual([expect.stringContaining('try again in 1 hour')])
    const once = asked
    expect(once).toBeLessThanOrEqual(2)
    vi.setSystemTime(Date.UTC(2026, 0, 1, 0, 59, 59))
    // The same words, so that a failure that lasts is reported once.
    expect(await failures()).toEqual(first)
    expect(asked).toBe(once)
    vi.setSystemTime(Date.UTC(2026, 0, 1, 1, 0, 0))
    await failures()
    expect(asked).toBeGreaterThan(once)
  } finally {
    vi.useRealTimers()
    await rm(folder, { recursive: true })
  }
})
