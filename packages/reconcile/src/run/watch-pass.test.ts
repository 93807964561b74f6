import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { HyperkitError } from '@hyperkit/core'
import { expect, test } from 'vitest'
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
