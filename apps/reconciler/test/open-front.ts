import process from 'node:process'
import { relayRequest } from '@hyperkit/conformance'
import { createTransport } from '@hyperkit/connect'
import { closeWithoutAnswer, type ImageServerOptions, type SeededInstance } from '@hyperkit/embedded'
import { type Described, type OpenServer, openEmbedded, openOver } from './open-server.ts'
import type { Started } from './start-command.ts'

/** A server whose requests can be watched and cut off: an embedded server, or a real one behind a relay. */
export interface Front extends OpenServer {
  /** The same server without the front. */
  second: OpenServer
  /** The operations that were begun through the front. A real server also has operations of other tests. */
  readonly begun: readonly string[]
  /** Kills a process when the server has given this many answers to it, before the process gets the last one. */
  killAfter(answers: number): Interruption
  /** Kills the server when it has given this many answers, before the last one arrives, and starts it again. */
  restartAfter(answers: number, restart: () => Promise<void>): Interruption
}

export interface Interruption {
  /** The command whose requests are counted. */
  watch(started: Started): void
  /** Whether the interruption happened; resolves when the server is back. */
  happened(): Promise<boolean>
}

/**
 * @param behind a real server; without it, an embedded server answers
 * @param instances the instances of the embedded server
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
  // Until then, the front itself answers: it must learn to trust the client certificate.
  let isOpen = false
  const begun: string[] = []
  const server = await openEmbedded(folder, {
    dialect,
    ...(instances === undefined ? {} : { instances }),
    faults: async (request, answer) => {
      const given = transport && isOpen ? await relayRequest(transport, request) : await answer()
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
  // `child.kill` cannot be used: Deno reports no exit code after it.
  process.kill(started?.child.pid ?? 0, 'SIGKILL')
  await started?.ended
}
