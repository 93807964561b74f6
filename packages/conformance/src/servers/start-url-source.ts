import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { holdBack, makeGate } from './hold-back.ts'
import { type LoopbackServer, listenLoopback } from './listen-loopback.ts'

export interface UrlSourceOptions {
  image: { path: string; size: number; fingerprint: string }
  /** The servers whose headers the page has. @default both */
  dialects?: readonly ('lxd' | 'incus')[]
  /** Announced instead of the true one, to test the check. */
  announcedFingerprint?: string
  /** Stops sending after so many bytes until `release()`: a download that hangs as long as a test needs. */
  holdAfter?: number
}

export interface UrlSource extends LoopbackServer {
  /** The value for `source.url`. */
  pageUrl: string
  /** `HEAD /image`, `GET /files/x.tar.gz`, …, in order. */
  requests: string[]
  /** Resolves when the first download is held (see `holdAfter`). */
  held: Promise<void>
  release(): void
}

/** A source of type `url`: a page whose headers have the location of the image, and the image. */
export async function startUrlSource(options: UrlSourceOptions): Promise<UrlSource> {
  const { image, dialects = ['lxd', 'incus'] } = options
  const gate = makeGate()
  const requests: string[] = []
  const filePath = `/files/${basename(image.path)}`
  const server = await listenLoopback((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    if (request.url === '/image') sendPage(request, response)
    else if (request.url === filePath) void sendFile(response)
    else response.writeHead(404).end()
  })

  function sendPage(request: IncomingMessage, response: ServerResponse): void {
    const prefixes = { lxd: 'LXD', incus: 'Incus' }
    for (const dialect of dialects) {
      response.setHeader(`${prefixes[dialect]}-Image-Hash`, options.announcedFingerprint ?? image.fingerprint)
      response.setHeader(`${prefixes[dialect]}-Image-URL`, `http://${request.headers.host}${filePath}`)
    }
    response.end()
  }

  async function sendFile(response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-length': image.size })
    // A daemon that disconnects in the middle is part of a test, and not an error here.
    await pipeline(createReadStream(image.path), holdBack(gate, options.holdAfter), response).catch(() => {})
  }

  return { ...server, pageUrl: `${server.url}/image`, requests, held: gate.held, release: gate.release }
}
