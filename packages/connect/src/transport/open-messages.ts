import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { ServerError } from '@hyperkit/core'
import type { MessageStream } from '@hyperkit/core/parts'
import type { ClientOptions, WebSocket } from 'ws'
import { guardHandler } from './guard-handler.ts'
import { keepHeartbeat } from './keep-heartbeat.ts'

/** Opens a WebSocket with the package `ws`: over `agent`, which makes the TLS connections, or over a unix socket. */
export async function openMessages(
  url: string,
  options: {
    agent?: Agent
    socket?: string
    headers: Record<string, string>
    signal?: AbortSignal | undefined
  },
): Promise<MessageStream> {
  const { signal, socket } = options
  signal?.throwIfAborted()
  // Loaded when needed, since most programs listen to no events.
  const { WebSocket } = await import('ws')
  signal?.throwIfAborted()
  const settings: ClientOptions = {
    headers: options.headers,
    perMessageDeflate: false,
    maxPayload: longestMessage,
    followRedirects: false,
    ...(options.agent === undefined ? {} : { agent: options.agent }),
    ...(socket === undefined ? {} : { createConnection: () => connect(socket) }),
  }
  return messagesOf(new WebSocket(url.replace(/^http/, 'ws'), settings), signal)
}

/** Bytes of one message. An operation's metadata are the longest thing in an event, and have a few KiB. */
const longestMessage = 16 * 1024 * 1024

/** Characters of the body of a refusal; the refusals of servers have a few hundred. */
const longestRefusal = 65_536

/** Waits until the WebSocket is open, then yields its text messages in order. */
export function messagesOf(socket: WebSocket, signal: AbortSignal | undefined): Promise<MessageStream> {
  return new Promise((resolve, reject) => {
    const inbox = createInbox(() => socket.terminate())
    const abort = (): void => {
      inbox.fail(signal?.reason)
      reject(signal?.reason)
      socket.terminate()
    }
    const fail = (error: unknown): void => {
      inbox.fail(error)
      reject(error)
    }
    const guard = guardHandler((error) => {
      fail(error)
      socket.terminate()
    })
    const open = (): void => {
      keepHeartbeat(socket)
      resolve(inbox)
    }
    signal?.addEventListener('abort', abort)
    socket.on('open', guard(open))
    socket.on('message', (data, binary) => {
      if (!binary) inbox.push(String(data))
    })
    socket.on('error', fail)
    const refuse = (request: ClientRequest, response: IncomingMessage): void => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => {
        text += piece
        // What is longer is not a server's refusal, and may have no end.
        if (text.length > longestRefusal) request.destroy()
      })
      const end = (): void => {
        request.destroy()
        reject(refusal(response.statusCode ?? 0, text, socket.url))
      }
      response.on('error', () => undefined)
      response.on('close', guard(end))
    }
    socket.on('unexpected-response', guard(refuse))
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

// The server answered instead of opening the WebSocket, for example with 403 to a client that it does not trust.
function refusal(status: number, text: string, url: string): ServerError {
  let message = `status ${status}`
  let errorCode = status
  try {
    const body = JSON.parse(text) as { error?: unknown; error_code?: unknown }
    if (typeof body.error === 'string') message = body.error
    if (typeof body.error_code === 'number') errorCode = body.error_code
  } catch {
    // Not the server's JSON: a proxy's page, or LXD's plain "Bad Request". The status says enough.
  }
  const { host, pathname, search } = new URL(url)
  return new ServerError(
    status === 403 ? 'not-authorized' : 'server-error',
    `Cannot listen to events of "${host}": the server answered ${status} "${message}"`,
    { status, errorCode, serverMessage: message, request: { method: 'GET', path: `${pathname}${search}` } },
  )
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
