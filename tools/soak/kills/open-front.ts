import process from 'node:process'
import { relayRequest, type ServerDescription } from '@hyperkit/conformance'
import { createSelfSignedCertificate, createTransport } from '@hyperkit/connect'
import { createClient } from '@hyperkit/core'
import { closeWithoutAnswer, createImageServer } from '@hyperkit/embedded'
import type { Started } from './start-command.ts'

/** How images were sent: with a token that has all their properties, beside one that only names them, or without any. */
export interface Uploads {
  token: number
  intent: number
  bare: number
}

/** A server behind a relay that counts its answers, and kills the client at one of them. */
export interface Front {
  url: string
  /** PEM files' contents: what a client needs. */
  serverCertificate: string
  clientCertificate: { cert: string; key: string }
  uploads: Uploads
  /** Operations that were begun through the front. */
  readonly begun: readonly string[]
  /**
   * Runs a command that is killed when the server has given so many answers, before it gets the last of them.
   *
   * @param also what happens to the server at that moment
   * @returns whether there were so many answers, and how the command ended
   */
  killAt(answers: number, start: () => Started, also?: () => Promise<void>): Promise<Killed>
  close(): Promise<void>
}

interface Killed {
  isKilled: boolean
  /** Answers that the command got, or would have. */
  answers: number
  code: number | null
  stderr: string
}

export async function openFront(behind: ServerDescription): Promise<Front> {
  const transport = await createTransport({
    url: behind.url,
    serverCertificate: behind.serverCertificate,
    clientCertificate: behind.clientCertificate,
  })
  const uploads: Uploads = { token: 0, intent: 0, bare: 0 }
  const begun: string[] = []
  const named = new Set<string>()
  let onAnswer: ((answer: Response) => Promise<Response>) | undefined
  let isOpen = false
  const server = createImageServer({
    dialect: 'incus-7.0',
    async faults(request, answer) {
      if (!isOpen) return answer()
      const note = await watchUpload(request, named)
      const given = await relayRequest(transport, note.request)
      note.answered(given, uploads)
      const [, operation] = /\/operations\/([^/?]+)/.exec(given.headers.get('location') ?? '') ?? []
      if (operation !== undefined) begun.push(operation)
      return onAnswer === undefined ? given : onAnswer(given)
    },
  })
  const { certificate, key } = await createSelfSignedCertificate({ commonName: 'soak' })
  await createClient({
    transport: {
      name: 'front',
      origin: 'http://front',
      fetch: (input, init) => server.fetch(new Request(input, init as RequestInit)),
    },
  }).certificates.create('soak', { certificate })
  const listening = await server.listen({ https: {} })
  isOpen = true
  return {
    url: listening.url,
    serverCertificate: listening.certificate ?? '',
    clientCertificate: { cert: certificate, key },
    uploads,
    begun,
    async killAt(answers, start, also) {
      let count = 0
      let killed: Promise<unknown> | undefined
      let started: Started | undefined
      onAnswer = async (answer) => {
        count++
        if (count < answers || started === undefined) return answer
        const { child, ended } = started
        killed ??= Promise.all([process.kill(child.pid ?? 0, 'SIGKILL') && ended, also?.()])
        await killed
        return closeWithoutAnswer()
      }
      started = start()
      const { code, stderr } = await started.ended
      onAnswer = undefined
      await killed
      return { isKilled: killed !== undefined, answers: count, code, stderr }
    },
    async close() {
      transport.close?.()
      await server.close()
    },
  }
}

/**
 * Looks at a request for a token or an upload without taking its body away.
 *
 * @param named fingerprints for which there was a token
 */
async function watchUpload(
  request: Request,
  named: Set<string>,
): Promise<{ request: Request; answered(answer: Response, uploads: Uploads): void }> {
  const plain = { request, answered: () => {} }
  if (request.method !== 'POST' || new URL(request.url).pathname !== '/1.0/images') return plain
  const header = (name: string): string | null =>
    request.headers.get(`x-lxd-${name}`) ?? request.headers.get(`x-incus-${name}`)
  if (request.headers.get('content-type')?.startsWith('application/json')) {
    const text = await request.text()
    const { source } = JSON.parse(text) as { source?: { mode?: string; fingerprint?: string } }
    const fingerprint = source?.mode === 'push' ? source.fingerprint : undefined
    const { url, method, headers } = request
    return {
      request: new Request(url, { method, headers, body: text }),
      answered: ({ status }) => void (fingerprint !== undefined && status < 400 && named.add(fingerprint)),
    }
  }
  const fingerprint = header('fingerprint') ?? ''
  const kind = header('secret') !== null ? 'token' : named.has(fingerprint) ? 'intent' : 'bare'
  return { request, answered: (_, uploads) => void uploads[kind]++ }
}
