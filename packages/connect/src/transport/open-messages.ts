import type { Agent } from 'node:http'
import { connect } from 'node:net'
import type { MessageStream } from '@hyperkit/core'
import { type ClientOptions, WebSocket } from 'ws'

/** Opens a WebSocket with the package `ws`: over `agent`, which makes the TLS connections, or over a unix socket. */
export function openMessages(
  url: string,
  options: {
    agent?: Agent
    socket?: string
    headers: Record<string, string>
    signal?: AbortSignal | undefined
  },
): Promise<MessageStream> {
  const { signal, socket } = options
  if (signal?.aborted) return Promise.reject(signal.reason)
  const settings: ClientOptions = {
    headers: options.headers,
    perMessageDeflate: false,
    followRedirects: false,
    ...(options.agent === undefined ? {} : { agent: options.agent }),
    ...(socket === undefined ? {} : { createConnection: () => connect(socket) }),
  }
  return messagesOf(new WebSocket(url.replace(/^http/, 'ws'), settings), signal)
}

/** Waits until the WebSocket is open, then gives its text messages in order. */
export function messagesOf(socket: WebSocket, signal: AbortSignal | undefined): Promise<MessageStream> {
  return new Promise((resolve, reject) => {
    const inbox = createInbox(() => socket.terminate())
    const abort = (): void => {
      inbox.fail(signal?.reason)
      reject(signal?.reason)
      socket.terminate()
    }
    signal?.addEventListener('abort', abort)
    socket.on('open', () => resolve(inbox))
    socket.on('message', (data, binary) => {
      if (!binary) inbox.push(String(data))
    })
    socket.on('error', (error) => {
      inbox.fail(error)
      reject(error)
    })
    socket.on('unexpected-response', (request, response) => {
      reject(
        Object.assign(new Error(`Unexpected server response: ${response.statusCode}`), {
          status: response.statusCode,
        }),
      )
      request.destroy()
    })
    socket.on('close', (code) => {
      signal?.removeEventListener('abort', abort)
      const error = Object.assign(new Error(`the WebSocket was closed with code ${code}`), {
        code: 'ECONNRESET',
      })
      // 1000 and 1001 (going away) are the codes of an orderly end, 1005 is a close frame without a code.
      if (code === 1000 || code === 1001 || code === 1005) inbox.end()
      else inbox.fail(error)
      reject(error)
    })
  })
}

interface Inbox extends MessageStream {
  push(message: string): void
  end(): void
  fail(error: unknown): void
}

function createInbox(onClose: () => void): Inbox {
  const messages: string[] = []
  let over: { error?: unknown } | undefined
  let wake: () => void = () => undefined
  const finish = (how: { error?: unknown }): void => {
    over ??= how
    wake()
  }
  return {
    push(message) {
      if (over !== undefined) return
      messages.push(message)
      wake()
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    close() {
      finish({})
      onClose()
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const message = messages.shift()
          if (message !== undefined) yield message
          else if (over !== undefined) {
            if ('error' in over) throw over.error
            return
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
        }
      } finally {
        this.close()
      }
    },
  }
}
