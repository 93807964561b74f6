import { type Client, createClient, fetchTransport } from '@hyperkit/core'
import { createImageServer } from '@hyperkit/embedded'

export interface SeenRequest {
  method: string
  path: string
  range: string | null
  /** Asserted fingerprint, of an upload. */
  fingerprint: string | null
  hasBody: boolean
}

export interface ServedImages {
  client: Client
  /** The requests since the last `seen.length = 0`. */
  seen: SeenRequest[]
  /** Called instead of the server while it is set. */
  meddle: ((request: Request, send: (request: Request) => Promise<Response>) => Promise<Response>) | undefined
}

/** An image server in this process, with a client whose requests a test can change. */
export function serveImages(dialect: 'lxd' | 'incus'): ServedImages {
  const server = createImageServer({ dialect })
  const served: ServedImages = {
    seen: [],
    meddle: undefined,
    client: createClient({
      transport: fetchTransport('http://images.test', {
        name: 'images',
        fetch: async (input) => {
          const request = input as Request
          served.seen.push({
            method: request.method,
            path: new URL(request.url).pathname,
            range: request.headers.get('range'),
            fingerprint: request.headers.get(`x-${dialect}-fingerprint`),
            hasBody: request.body !== null,
          })
          const send = (next: Request): Promise<Response> => server.fetch(next)
          return served.meddle === undefined ? send(request) : served.meddle(request, send)
        },
      }),
    }),
  }
  return served
}

export function isExport(request: Request): boolean {
  return request.method === 'GET' && new URL(request.url).pathname.endsWith('/export')
}

/** The same answer with a connection that breaks after that many bytes of its body. */
export function breakAfter(
  response: Response,
  count: number,
  error: Error = Object.assign(new Error('connection reset'), { code: 'ECONNRESET' }),
): Response {
  let left = count
  return changeBody(response, (bytes) => {
    if (left <= 0) throw error
    const piece = bytes.subarray(0, left)
    left -= bytes.byteLength
    return piece
  })
}

/** The same answer with each piece of its body changed. */
export function changeBody(response: Response, change: (bytes: Uint8Array) => Uint8Array): Response {
  const reader = response.body?.getReader()
  let waiting = new Uint8Array()
  // Small pieces one by one, so that the connection breaks between two of them and none is lost.
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (waiting.byteLength === 0) {
          const next = await reader?.read()
          if (next?.value === undefined) return controller.close()
          waiting = next.value.slice()
        }
        controller.enqueue(change(waiting.slice(0, 10_000)))
        waiting = waiting.subarray(10_000)
      },
      cancel: (reason) => reader?.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { status: response.status, headers: response.headers })
}
