import type { Transport } from '@hyperkit/core'
import { closeWithoutAnswer } from '@hyperkit/embedded'

/** Passes a request on to the server of a transport, for a relay that watches or cuts what goes through it. */
export async function relayRequest(transport: Transport, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const headers = new Headers(request.headers)
  for (const name of ['host', 'connection', 'transfer-encoding']) headers.delete(name)
  const body = request.body as ReadableStream<Uint8Array> | null
  const sent = { method: request.method, headers, redirect: transport.redirect ?? 'error' } as const
  const answer = await transport
    .fetch(
      `${transport.origin}${pathname}${search}`,
      body === null ? sent : { ...sent, body, duplex: 'half' },
    )
    // While the daemon is down, requests get no answer.
    .catch(() => undefined)
  if (answer === undefined) return closeWithoutAnswer()
  const answered = new Headers(answer.headers)
  for (const name of ['connection', 'transfer-encoding']) answered.delete(name)
  return new Response(answer.body, { status: answer.status, headers: answered })
}
