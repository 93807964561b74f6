import { createHash } from 'node:crypto'
import { openSimplestreams, type Simplestreams } from '@hyperkit/core'
import { type OpenedUrl, openUrl } from './open-url.ts'
import type { OpenOptions } from './wrap-transport.ts'

export interface OpenedStreams {
  streams: Simplestreams
  /** Closes the connections. */
  close(): void
}

/** Opens a simplestreams server like any other web server. Plain http is allowed if its address has it: the manifest was checked. */
export function openStreams(
  server: string,
  {
    wrapTransport,
    maxDocument,
    onWarning,
  }: OpenOptions & { onWarning?: ((sentence: string) => void) | undefined },
): OpenedStreams {
  const opened: OpenedUrl[] = []
  const insecure = server.startsWith('http:')
  const streams = openSimplestreams(server, {
    insecure,
    maxDocument,
    onWarning,
    createHash: () => createHash('sha256'),
    async fetch(input, { headers, signal }) {
      const more = Object.fromEntries(new Headers(headers))
      const one = await openUrl(input, {
        method: 'GET',
        headers: more,
        insecure,
        signal: signal ?? undefined,
        wrapTransport,
      })
      opened.push(one)
      return one.response
    },
  })
  return {
    streams,
    close() {
      for (const { close } of opened) close()
    },
  }
}
