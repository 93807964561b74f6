import process from 'node:process'
import { createTransport } from '@hyperkit/connect'
import type { Transport } from '@hyperkit/core'
import { closeWithoutAnswer, type ImageServerOptions, type SeededInstance } from '@hyperkit/embedded'
import { type Described, type OpenServer, openEmbedded, openOver } from './open-server.ts'
import type { Started } from './start-command.ts'

/** A server that can be watched and cut off from who asks it: an embedded one, or a real one behind a relay. */
export interface Front extends OpenServer {
  /** A client of its own that does not pass the front. */
  second: OpenServer
  /** The operations that were begun through it: a real server has those of other guests, too. */
  readonly begun: readonly string[]
  /** Kills a process when so many of its requests have been answered by the server, before it hears the last answer. */
  killAfter(answers: number): Interruption
  /** Kills the server when it has given so many answers, before anybody hears the last one, and starts it again. */
  restartAfter(answers: number, restart: () => Promise<void>): Interruption
}

export interface Interruption {
  /** The command whose requests are counted. */
  watch(started: Started): void
  /** Whether it came to that; resolves when the server is back. */
  happened(): Promise<boolean>
}

/**
 * @param behind a real server; else an embedded one answers
 * @param instances of the embedded one
 */
export async function openFront(
  folder: string,
  dialect: ImageServerOptions['dialect'],
  behind?: Described,
  instances?: SeededInstance[],
): Promise<Front> {
  const transport =
    behind &&
    (await createTransport({
      url: behind.url,
      serverCertificate: behind.serverCertificate,
      clientCertificate: behind.clientCertificate,
    }))
  let onAnswer: ((answer: Response) => Promise<Response>) | undefined
  // Before that, the front is told to trust a certificate, which is its own affair.
  let isOpen = false
  const begun: string[] = []
  const server = await openEmbedded(folder, {
    dialect,
    ...(instances === undefined ? {} : { instances }),
    faults: async (request, answer) => {
      const given = transport && isOpen ? await relay(transport, request) : await answer()
      const [, operation] = /\/operations\/([^/?]+)/.exec(given.headers.get('location') ?? '') ?? []
      if (operation !== undefined) begun.push(operation)
      return onAnswer === undefined ? given : onAnswer(given)
    },
  })
  isOpen = true
  const second = behind ? await openOver(folder, behind) : server
  let child: Started | undefined
  const interruption = (acting: () => Promise<void> | undefined): Interruption => ({
    watch(started) {
      child = started
      void started.ended.then(() => {
        onAnswer = undefined
      })
    },
    async happened() {
      await acting()
      return acting() !== undefined
    },
  })
  return {
    ...server,
    second,
    begun,
    killAfter(answers) {
      let count = 0
      let killed: Promise<void> | undefined
      onAnswer = async (answer) => {
        if (killed === undefined && ++count < answers) return answer
        killed ??= kill(child)
        await killed
        return closeWithoutAnswer()
      }
      return interruption(() => killed)
    },
    restartAfter(answers, restart) {
      let count = 0
      let restarted: Promise<void> | undefined
      onAnswer = async (answer) => {
        if (restarted !== undefined || ++count < answers) return answer
        restarted = restart()
        return closeWithoutAnswer()
      }
      return interruption(() => restarted)
    },
    async close() {
      if (second !== server) await second.close()
      transport?.close?.()
      await server.close()
    },
  }
}

async function kill(started: Started | undefined): Promise<void> {
  // Not `child.kill`: Deno reports no exit code after it.
  process.kill(started?.child.pid ?? 0, 'SIGKILL')
  await started?.ended
}

async function relay(transport: Transport, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const headers = new Headers(request.headers)
  for (const name of ['host', 'connection', 'transfer-encoding']) headers.delete(name)
  // While the daemon is away, whoever asks hears nothing.
  const answer = await transport
    .fetch(`${transport.origin}${pathname}${search}`, {
      method: request.method,
      headers,
      redirect: transport.redirect ?? 'error',
      ...(request.body === null
        ? {}
        : { body: request.body as ReadableStream<Uint8Array>, duplex: 'half' as const }),
    })
    .catch(() => undefined)
  if (answer === undefined) return closeWithoutAnswer()
  const answered = new Headers(answer.headers)
  for (const name of ['connection', 'transfer-encoding']) answered.delete(name)
  return new Response(answer.body, { status: answer.status, headers: answered })
}
