import process from 'node:process'
import { createTransport } from '@hyperkit/connect'
import { closeWithoutAnswer, type ImageServerOptions } from '@hyperkit/embedded'
import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'
import type { Started } from './start-command.ts'

/** A server that can be watched and cut off from who asks it: an embedded one, or a real one behind a relay. */
export interface Front extends OpenServer {
  /** A client of its own that does not pass the front. */
  second: OpenServer
  /** Kills a process when so many of its requests have been answered by the server, before it hears the last answer. */
  killAfter(answers: number): { watch(started: Started): void; wasKilled(): boolean }
}

/** Undefined where `HYPERKIT_SERVERS` names no such server. */
export async function openFront(
  folder: string,
  dialect: ImageServerOptions['dialect'],
  kind: 'embedded' | 'real',
): Promise<Front | undefined> {
  const described = kind === 'real' ? describeReal(dialect) : undefined
  if (kind === 'real' && described === undefined) return undefined
  const { url, serverCertificate, clientCertificate } = described ?? {}
  const transport =
    url && serverCertificate && clientCertificate
      ? await createTransport({ url, serverCertificate, clientCertificate })
      : undefined
  let stop: ((answer: Response) => Promise<Response>) | undefined
  // Before that, the front is told to trust a certificate, which is its own affair.
  let isOpen = false
  const server = await openEmbedded(folder, {
    dialect,
    faults: async (request, answer) => {
      const given = transport && isOpen ? await relay(transport, request) : await answer()
      return stop === undefined ? given : stop(given)
    },
  })
  isOpen = true
  const second = described ? await openOver(folder, described) : server
  return {
    ...server,
    second,
    killAfter(answers) {
      let count = 0
      let isKilled = false
      let child: Started | undefined
      stop = async (answer) => {
        if (isKilled) return closeWithoutAnswer()
        if (++count < answers) return answer
        isKilled = true
        // Not `child.kill`: after that Deno tells no exit code.
        process.kill(child?.child.pid ?? 0, 'SIGKILL')
        await child?.ended
        return closeWithoutAnswer()
      }
      return {
        watch(started) {
          child = started
          void started.ended.then(() => {
            stop = undefined
          })
        },
        wasKilled: () => isKilled,
      }
    },
    async close() {
      if (second !== server) await second.close()
      transport?.close?.()
      await server.close()
    },
  }
}

async function relay(
  transport: Awaited<ReturnType<typeof createTransport>>,
  request: Request,
): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const headers = new Headers(request.headers)
  for (const name of ['host', 'connection', 'transfer-encoding']) headers.delete(name)
  const {
    status,
    body,
    headers: given,
  } = await transport.fetch(`${transport.origin}${pathname}${search}`, {
    method: request.method,
    headers,
    redirect: transport.redirect ?? 'error',
    ...(request.body === null
      ? {}
      : { body: request.body as ReadableStream<Uint8Array>, duplex: 'half' as const }),
  })
  const answered = new Headers(given)
  for (const name of ['connection', 'transfer-encoding']) answered.delete(name)
  return new Response(body, { status, headers: answered })
}
