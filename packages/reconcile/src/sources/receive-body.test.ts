import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import type { OpenedUrl } from './open-url.ts'
import { type ReceiveBodyOptions, receiveBody } from './receive-body.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-receive-'))
const file = join(folder, 'file')
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => vi.useRealTimers())

const url = 'https://files.example.org/a.tar.gz'
const whole = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251))
const sha256 = createHash('sha256').update(whole).digest('hex')

/** A response whose body is read from the given stream. */
function answer(body: ReadableStream<Uint8Array>, length: number): OpenedUrl {
  const response = new Response(body, { headers: { 'content-length': String(length) } })
  return { response, url, close: () => {} }
}

/** A response that sends some bytes and then breaks off, or ends if all bytes were sent. */
function part(from: number, to: number): OpenedUrl {
  let isGiven = from === to
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (!isGiven) controller.enqueue(new Uint8Array(whole.subarray(from, to)))
      else if (to === whole.length) controller.close()
      else controller.error(new Error('aborted'))
      isGiven = true
    },
  })
  return answer(body, whole.length - from)
}

async function receive(opened: OpenedUrl, options: Partial<ReceiveBodyOptions> = {}, path = file) {
  const handle = await open(path, 'w')
  return receiveBody(opened, handle, { signal: undefined, ...options }).finally(() => handle.close())
}

test('a slow download completes, however long it takes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  let at = 0
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // Each piece takes less than a minute, all of them more than a quarter of an hour.
        const arrives = new Promise<void>((resolve) => setTimeout(resolve, 50_000))
        void vi.advanceTimersByTimeAsync(50_000)
        await arrives
        controller.enqueue(new Uint8Array(whole.subarray(at, at + 50)))
        at += 50
        if (at === whole.length) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  expect(await receive(answer(body, whole.length))).toEqual({ fingerprint: sha256, size: 1000 })
})

test('a download without new data times out, and the error names the web server', async () => {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(10)),
  })
  await expect(receive(answer(body, whole.length), { patience: 50 })).rejects.toMatchObject({
    code: 'timeout',
    message: `Cannot download "${url}": no data arrived for 0.05 seconds`,
    server: 'files.example.org',
  })
})

test('a download ends at the first byte beyond the largest size, whatever length was announced', async () => {
  let isRead = false
  const endless = (): OpenedUrl => ({
    ...part(0, 0),
    response: new Response(
      new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            isRead = true
            controller.enqueue(new Uint8Array(100))
          },
        },
        { highWaterMark: 0 },
      ),
    ),
  })
  const resume = () => Promise.reject(new Error('it was resumed'))
  const tooLarge = {
    code: 'precondition-failed',
    message: `Cannot download "${url}": the file has more than the 950 bytes that "policy.maxSize" allows`,
  }
  await expect(receive(endless(), { maxSize: 950, resume })).rejects.toMatchObject(tooLarge)
  isRead = false
  const announced = answer(endless().response.body as ReadableStream<Uint8Array>, 951)
  await expect(receive(announced, { maxSize: 950, resume })).rejects.toMatchObject(tooLarge)
  expect(isRead).toBe(false)
  expect(await receive(part(0, 1000), { maxSize: 1000 })).toEqual({ fingerprint: sha256, size: 1000 })
})

test('an interrupted download is resumed where it broke off, and its progress never goes back', async () => {
  const asked: number[] = []
  const bytes: number[] = []
  const received = await receive(part(0, 300), {
    onProgress: (progress) => bytes.push(progress.bytes ?? 0),
    async resume(from) {
      asked.push(from)
      return part(from, Math.min(from + 400, whole.length))
    },
  })
  expect(received).toEqual({ fingerprint: sha256, size: 1000 })
  expect(readFileSync(file).equals(whole)).toBe(true)
  expect(asked).toEqual([300, 700])
  expect(bytes.at(-1)).toBe(1000)
  expect(bytes).toEqual(bytes.toSorted((a, b) => a - b))
})

test('an interrupted download fails if the rest is not available, and the error says how much arrived', async () => {
  const failure = {
    code: 'interrupted',
    message: `Cannot download "${url}": the connection broke after 300 of 1000 bytes (aborted)`,
  }
  await expect(receive(part(0, 300))).rejects.toMatchObject(failure)
  await expect(receive(part(0, 300), { resume: async () => undefined })).rejects.toMatchObject(failure)
})

test('an abort ends the wait for the rest of a download', async () => {
  const abort = new AbortController()
  const received = receive(part(0, 300), {
    signal: abort.signal,
    async resume(from) {
      abort.abort(new Error('enough'))
      return part(from, from)
    },
  })
  await expect(received).rejects.toThrow('enough')
})

test('a full disk is reported as such, and the rest is not requested', async () => {
  const resume = vi.fn()
  await expect(receive(part(0, 300), { resume }, '/dev/full')).rejects.toMatchObject({
    code: 'file-unwritable',
    message: expect.stringMatching(/no space left/i),
  })
  expect(resume).not.toHaveBeenCalled()
})
