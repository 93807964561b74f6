import { type Client, createClient, fetchTransport, openSimplestreams } from '@hyperkit/core'
import { expect, test } from 'vitest'
import { collectGarbage } from './collect-garbage.ts'
import { failureOf, open } from './open-transport.ts'
import { serveRaw } from './serve-raw.ts'

/** A server that sends headers and half a body, and then nothing; and when it has done so, and when its connection is closed. */
async function serveHalf(
  type: string,
): Promise<{ url: string; begun: Promise<void>; closed: Promise<void> }> {
  let begin: () => void = () => undefined
  let close: () => void = () => undefined
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const closed = new Promise<void>((resolve) => {
    close = resolve
  })
  const url = await serveRaw((socket) => {
    socket.on('close', () => close())
    const head = `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: 1000\r\n\r\n`
    socket.write(`${head}{"half": `, () => begin())
  })
  return { url, begun, closed }
}

async function exported(client: Client, signal: AbortSignal): Promise<void> {
  const file = await client.images.export('a'.repeat(64), { signal })
  if (file.kind === 'unified') await file.body.pipeTo(new WritableStream())
}

type Ask = (url: string, signal: AbortSignal) => Promise<unknown>

const asks: Record<string, { type: string; ask: Ask }> = {
  'a call over the transport of this runtime': {
    type: 'application/json',
    ask: async (url, signal) =>
      createClient({ transport: await open({ url }) }).request({ method: 'GET', path: '/1.0', signal }),
  },
  'a call over the runtime’s own fetch': {
    type: 'application/json',
    ask: (url, signal) =>
      createClient({ transport: fetchTransport(url) }).request({ method: 'GET', path: '/1.0', signal }),
  },
  'an export over the transport of this runtime': {
    type: 'application/octet-stream',
    ask: async (url, signal) => exported(createClient({ transport: await open({ url }) }), signal),
  },
  'an export over the runtime’s own fetch': {
    type: 'application/octet-stream',
    ask: (url, signal) => exported(createClient({ transport: fetchTransport(url) }), signal),
  },
  'the index of a simplestreams server': {
    type: 'application/json',
    ask: (url, signal) => openSimplestreams(url, { insecure: true }).list({ signal }),
  },
}

for (const [what, { type, ask }] of Object.entries(asks)) {
  for (const how of ['the caller’s signal', 'a signal that follows the caller’s']) {
    test(`${what} ends with ${how}, even when the body was silent over a garbage collection`, async () => {
      const { url, begun, closed } = await serveHalf(type)
      const controller = new AbortController()
      const other = new AbortController().signal
      const failure = failureOf(
        how === 'the caller’s signal'
          ? ask(url, controller.signal)
          : ask(url, AbortSignal.any([controller.signal, other])),
      )
      await begun
      await collectGarbage()
      const reason = new Error('SIGTERM')
      controller.abort(reason)
      expect(await failure).toBe(reason)
      await closed
    })
  }
}

test('a call over the runtime’s own fetch ends with its signal, even when no answer began before a garbage collection', async () => {
  let arrive: () => void = () => undefined
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const url = await serveRaw(() => arrive())
  const controller = new AbortController()
  const failure = failureOf(
    createClient({ transport: fetchTransport(url) }).request({
      method: 'GET',
      path: '/1.0',
      signal: controller.signal,
    }),
  )
  await arrived
  await collectGarbage()
  const reason = new Error('SIGTERM')
  controller.abort(reason)
  expect(await failure).toBe(reason)
})
