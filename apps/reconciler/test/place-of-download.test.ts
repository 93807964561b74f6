import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf } from '@hyperkit/files'
import { carryOutPlan } from '@hyperkit/reconcile/parts'
import { expect, test, vi } from 'vitest'
import { makeImage } from './make-image.ts'
import { openEmbedded } from './open-server.ts'
import { prepare } from './plan-and-apply.ts'
import { serveFiles } from './serve-file.ts'

test('a server that hangs while this machine downloads its image gives its place to another one', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hk-place-'))
  const file = join(cwd, 'a.tar.gz')
  makeImage(file, randomUUID())
  const bytes = readFileSync(file)
  const { fingerprint } = await fingerprintOf(file)
  let download: ServerResponse | undefined
  const web = await serveFiles((request, response) => {
    response.writeHead(200, { 'content-length': bytes.length })
    if (request.method === 'HEAD') response.end()
    else {
      download = response
      response.flushHeaders()
    }
  })
  const one = await openEmbedded(cwd, { dialect: 'incus' })
  const path = join(cwd, 'm.yaml')
  const id = `p${randomUUID().slice(0, 8)}`
  writeFileSync(
    path,
    `version: 1\nname: ${id}\nservers: { one: ${one.yaml} }\nimages: [{ name: ${id}, source: { url: "${web.url}/a.tar.gz", sha256: ${fingerprint}, insecure: true } }]\n`,
  )
  const { plan, open, identify, desired, close } = await prepare(path)
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  const stop = new AbortController()
  let left = 0
  let moved = 0
  try {
    const ended = carryOutPlan(plan, {
      signal: stop.signal,
      // It does not describe itself.
      open: async (server) => {
        const client = await open(server)
        return {
          ...client,
          request: (call) => (call.path === '/1.0' ? new Promise(() => undefined) : client.request(call)),
        }
      },
      identify,
      desired,
      // Another server waits for the only place.
      places: {
        acquire: async () => undefined,
        release: () => void left++,
        run: (task) => task(),
        reclaim: () => void left--,
        isOverdrawn: () => false,
        isWanted: () => true,
      },
      onEvent: (event) => {
        if (event.kind === 'moved') moved++
      },
    })
    await vi.waitUntil(() => download !== undefined)
    for (let second = 0; second < 4; second++) {
      const before = moved
      download?.write(bytes.subarray(second, second + 1))
      await vi.waitUntil(() => moved > before)
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(left).toBe(1)
    stop.abort()
    download?.destroy()
    await ended
  } finally {
    vi.useRealTimers()
    await close()
    await one.close()
    await web.close()
    rmSync(cwd, { recursive: true, force: true })
  }
})
