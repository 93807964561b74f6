import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import type { Image, OperationHandle } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import { waitForPull } from '@hyperkit/reconcile/parts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded } from './open-server.ts'
import { serverTargets } from './server-targets.ts'
import { startCommand } from './start-command.ts'

const cwd = mkdtempSync(join(tmpdir(), 'hk-hung-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe.each(serverTargets(cwd))('a source that hangs, of %s', (name, open) => {
  const dialect = name.endsWith('lxd') ? 'lxd' : 'incus'
  let target: OpenServer
  let source: OpenServer
  /** How the source answers. */
  let give: (path: string, answer: Response) => Promise<Response>
  let letGo = (): void => {}
  let released: Promise<void>
  let asked = (): void => {}
  let isAsked: Promise<void>
  const id = `g${randomUUID().slice(0, 8)}`
  let fingerprint = ''
  /** The operations of these tests. A real server also has operations of other tests. */
  const begun = new Set<string>()

  beforeAll(async () => {
    if (open === undefined) return
    target = await open()
    give = async (_path, answer) => answer
    source = await openEmbedded(cwd, {
      dialect,
      faults: async (request, answer) => give(new URL(request.url).pathname, await answer()),
    })
    const file = join(cwd, `${id}.tar.gz`)
    makeImage(file, `${id} ${randomBytes(900_000).toString('base64')}`)
    fingerprint = (await uploadImage(source.client, file, { public: true, aliases: ['up'] })).fingerprint
  })
  afterAll(async () => {
    if (open === undefined) return
    await source.close()
    await target.close()
  })
  const hang = async (): Promise<Response> => {
    asked()
    await released
    return new Response('gone', { status: 503 })
  }
  beforeEach((context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such server')
    released = new Promise((resolve) => {
      letGo = resolve
    })
    isAsked = new Promise((resolve) => {
      asked = resolve
    })
    give = hang
  })
  afterEach(async () => {
    letGo()
    if (open !== undefined) await quiet()
  })

  /** Waits until the operations of these tests have ended, which they do when the source answers. */
  const quiet = async (): Promise<void> => {
    const isBusy = async () =>
      (await target.client.operations.list()).some(
        ({ id: one, state }) => begun.has(one) && ['running', 'cancelling'].includes(state),
      )
    while (await isBusy()) await delay(50)
  }
  const begin = async (): Promise<OperationHandle<Image>> => {
    const handle = await target.client.images.createFromRemote(source.url, {
      alias: 'up',
      certificate: readFileSync(source.certificateFile, 'utf8'),
      sync: false,
    })
    begun.add(handle.id ?? '')
    return handle
  }
  const waiting = { signal: new AbortController().signal, what: 'download it', source: 'https://there' }

  test('a hung source is reported while it is waited for, then abandoned with a note of what is still running', async () => {
    const words: string[] = []
    const handle = await begin()
    await isAsked
    const waited = waitForPull(target.client, handle, {
      ...waiting,
      onWaiting: (word) => words.push(word),
      patience: { report: 100, first: 1000, next: 600_000 },
    })
    await expect(waited).rejects.toMatchObject({
      code: 'timeout',
      server: 'https://there',
      message: `Cannot download it: no data came from https://there for 1 seconds; "${target.client.name}" cannot cancel it: operation ${handle.id} continues there until https://there answers, for up to an hour; apply again after that`,
    })
    expect(words[0]).toBe(
      `no data has come from https://there for 0.1 seconds; "${target.client.name}" is still waiting`,
    )
    // LXD 6 begins to cancel the operation but cannot end it.
    expect((await target.client.operations.get(handle.id ?? '')).state).toMatch(/^(running|cancelling)$/)
  })

  test('a hung source gets more time once it was asked for the image itself, and is then cancelled', async () => {
    give = async (path, answer) => (path.endsWith('/export') ? hang() : answer)
    const waited = waitForPull(target.client, await begin(), {
      ...waiting,
      patience: { report: 60_000, first: 1000, next: 1500 },
    })
    // LXD 6.8 and newer do not show the progress in the operation, so the source gets no more time there.
    await expect(waited).rejects.toThrow(
      /no data came from https:\/\/there for 1(\.5)? seconds; it was cancelled; apply again when https:\/\/there answers/,
    )
  })

  test('a source that hangs in the middle is cancelled on the server and leaves nothing there', async () => {
    give = async (path, answer) => {
      if (!path.endsWith('/export')) return answer
      const bytes = new Uint8Array(await answer.arrayBuffer())
      const body = new ReadableStream<Uint8Array>({
        async start(controller) {
          controller.enqueue(bytes.subarray(0, bytes.length / 2))
          await released
          controller.error(new Error('gone'))
        },
      })
      return new Response(body, { headers: answer.headers })
    }
    const waited = waitForPull(target.client, await begin(), {
      ...waiting,
      patience: { report: 60_000, first: 600_000, next: 500 },
    })
    await expect(waited).rejects.toThrow(
      'no data came from https://there for 0.5 seconds; it was cancelled; apply again when https://there answers',
    )
    await quiet()
    expect(await target.client.images.find(fingerprint)).toBeUndefined()
  })

  test('a hung source is waited for until SIGINT, which reports that the server is still working', async () => {
    // The request of the plan is answered; the one of the server hangs.
    give = async (path, answer) => {
      if (path.endsWith(fingerprint)) give = hang
      return answer
    }
    const manifest = join(cwd, `${id}.yaml`)
    writeFileSync(
      manifest,
      `version: 1\nname: ${id}\nservers: { it: ${target.yaml} }\nimages:\n  - { name: ${id}, source: { remote: "${source.url}", protocol: ${dialect}, serverCertificate: "${source.certificateFile}", alias: up } }\n`,
    )
    const { child, ended, shows } = await startCommand(['apply', '--yes', manifest], { cwd })
    await shows(`it: download image ${id}`)
    await isAsked
    // `child.kill` cannot be used: Deno reports no exit code after it.
    process.kill(child.pid ?? 0, 'SIGINT')
    const { code, stdout, stderr } = await ended
    expect(code).toBe(130)
    const [, operation = ''] = /operation (\S+) continues there/.exec(stderr) ?? []
    begun.add(operation)
    expect(stderr).toMatch(
      new RegExp(
        `it: interrupted, download image ${id}: the run was interrupted in the middle of it, and "\\S+" cannot cancel it: operation \\S+ continues there until ${source.url} answers, for up to an hour`,
      ),
    )
    expect(stdout).toContain('2 changes not done; run apply again to continue')
    expect(await target.client.aliases.find(id)).toBeUndefined()
  })
})
