import { describe, expect, test } from 'vitest'
import { createClient, type Transport } from '../src/index.ts'
import { json, lxdServer, sync } from './scripted-transport.ts'

const silent = (): Promise<Response> => new Promise(() => undefined)

/** A body that begins and then stands still, and whether its reader has given it up. */
function half(text: string): { body: ReadableStream<Uint8Array>; isGivenUp: () => boolean } {
  let isGivenUp = false
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
    cancel() {
      isGivenUp = true
    },
  })
  return { body, isGivenUp: () => isGivenUp }
}

function serve(answer: (path: string, request: Request) => Response | Promise<Response>): Transport {
  return {
    origin: 'http://slow.invalid',
    name: 'slow',
    async fetch(input, init) {
      const request = new Request(input, init as RequestInit)
      const { pathname } = new URL(request.url)
      return pathname === '/1.0' ? sync(lxdServer) : answer(pathname, request)
    },
  }
}

const fingerprint = 'a'.repeat(64)

describe('a server that is silent', () => {
  test('fails a read whose answer does not begin', async () => {
    const client = createClient({ transport: serve(silent), answerTimeout: 20 })
    await expect(client.aliases.list()).rejects.toMatchObject({
      code: 'timeout',
      message: 'Cannot list aliases on "slow": no answer within 20 ms',
    })
  })

  test('fails the description of the server, which is the first request', async () => {
    const transport = { ...serve(silent), fetch: silent }
    await expect(createClient({ transport, answerTimeout: 20 }).server()).rejects.toMatchObject({
      code: 'timeout',
    })
  })

  test('fails a read whose body stops in the middle, and its connection is closed', async () => {
    const { body, isGivenUp } = half('{"type": "sync"')
    const answer = new Response(body, { headers: { 'content-type': 'application/json' } })
    const client = createClient({ transport: serve(() => answer), answerTimeout: 20 })
    await expect(client.aliases.list()).rejects.toMatchObject({
      code: 'timeout',
      message: 'Cannot list aliases on "slow": it did not answer in time (no byte for 20 ms)',
    })
    expect(isGivenUp()).toBe(true)
  })

  test('fails an export whose body stops in the middle', async () => {
    const { body, isGivenUp } = half('half')
    const headers = { 'content-type': 'application/octet-stream' }
    const client = createClient({
      transport: serve((path) => (path.endsWith('/export') ? new Response(body, { headers }) : json({}))),
      answerTimeout: 20,
    })
    const file = await client.images.export(fingerprint)
    if (file.kind !== 'unified') throw new Error('a unified image was expected')
    await expect(new Response(file.body).text()).rejects.toMatchObject({ code: 'timeout' })
    expect(isGivenUp()).toBe(true)
  })

  test('fails an upload of which it takes nothing more', async () => {
    const client = createClient({
      transport: serve((_path, request) => {
        const reader = request.body?.getReader()
        return reader === undefined ? json({}) : reader.read().then(silent)
      }),
      answerTimeout: 20,
    })
    let isStopped = false
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1024)),
      cancel() {
        isStopped = true
      },
    })
    const sent = client.images.upload({ kind: 'unified', filename: 'x.tar', open: () => body })
    await expect(sent).rejects.toMatchObject({ code: 'timeout' })
    expect(isStopped).toBe(true)
  })

  test('does not fail an upload whose own source is slow', async () => {
    const client = createClient({
      transport: serve(async (_path, request) => {
        await request.text()
        return json({ type: 'error', error: 'as expected', error_code: 400 }, { status: 400 })
      }),
      answerTimeout: 20,
    })
    let pieces = 0
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 40))
        if (++pieces > 2) controller.close()
        else controller.enqueue(new Uint8Array(10))
      },
    })
    await expect(
      client.images.upload({ kind: 'unified', filename: 'x.tar', open: () => body }),
    ).rejects.toMatchObject({
      serverMessage: 'as expected',
    })
  })
})
