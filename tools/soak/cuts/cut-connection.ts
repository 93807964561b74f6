import type { Transport } from '@hyperkit/core'
import type { ImageServer } from '@hyperkit/embedded'
import { broken, faultyAnswer } from '../week/server-fault.ts'

/** How a connection is cut: before the request arrives, after the server has done it, or in the middle of the answer. */
export const cutKinds = ['before', 'after', 'in the answer'] as const
export type CutKind = (typeof cutKinds)[number]

/** A transport to a server in this process that is cut once. */
export interface CutTransport {
  transport: Transport
  /** Requests so far. */
  requests(): number
  /** Whether the server works on a request. */
  isBusy(): boolean
}

/**
 * @param at the request whose connection is cut, from 1
 * @param onAnswer called after each request that the server has answered
 */
export function cutConnection(
  server: ImageServer,
  origin: string,
  { at, kind }: { at: number; kind: CutKind },
  onAnswer: (request: string) => Promise<void>,
): CutTransport {
  let requests = 0
  let busy = 0
  const answer = async (request: Request): Promise<Response> => {
    busy++
    try {
      const response = await server.fetch(request)
      await onAnswer(`${request.method} ${new URL(request.url).pathname}`)
      const headers = new Headers(response.headers)
      headers.set('date', new Date().toUTCString())
      return new Response(response.body, { status: response.status, headers })
    } finally {
      busy--
    }
  }
  return {
    requests: () => requests,
    isBusy: () => busy > 0,
    transport: {
      name: 'it',
      origin,
      async fetch(input, init) {
        const request = new Request(input, init as RequestInit)
        const isCut = ++requests === at
        if (!isCut) return answer(request)
        if (kind === 'before') throw broken('read ECONNRESET', 'ECONNRESET')
        const fault = { kind: kind === 'after' ? ('lost' as const) : ('cut' as const) }
        return faultyAnswer(
          fault,
          () => 0,
          request.signal,
          () => answer(request),
        )
      },
    },
  }
}
