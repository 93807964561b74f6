import { type Client, createClient } from '@hyperkit/core'
import { createImageServer, type ImageServerOptions } from '@hyperkit/embedded'

/** Requests of one kind, such as `GET image`, and how many there were. */
export type Counts = Record<string, number>

/** An embedded server that is reached without a network, and the requests to it. */
export interface CountedServer {
  client: Client
  /** The requests since the last call, by kind. */
  take(): Counts
  /** Changes answers before the client sees them. */
  alter(change: (kind: string, answer: Response) => Promise<Response>): void
}

export function openCounted(options: ImageServerOptions): CountedServer {
  const server = createImageServer(options)
  let counts: Counts = {}
  let alter = async (_kind: string, answer: Response): Promise<Response> => answer
  const client = createClient({
    transport: {
      name: 'embedded',
      origin: 'http://embedded',
      async fetch(input, init) {
        const request = new Request(input, init as RequestInit)
        const kind = kindOf(request)
        counts[kind] = (counts[kind] ?? 0) + 1
        return alter(kind, await server.fetch(request))
      },
    },
  })
  return {
    client,
    take() {
      const taken = counts
      counts = {}
      return taken
    },
    alter(change) {
      alter = change
    },
  }
}

function kindOf({ method, url, headers }: Request): string {
  const { pathname, search } = new URL(url)
  const path = pathname
    .replace('/1.0/', '')
    .replace(/^images\/aliases\/.+/, 'alias')
    .replace(/^images\/[0-9a-f]{64}$/, 'image')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'id')
  const isToken = method === 'POST' && path === 'images' && headers.get('content-type') === 'application/json'
  return `${method} ${isToken ? 'token' : path}${search}`
}
