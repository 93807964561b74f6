import type { MessageStream } from '@hyperkit/core/parts'
import { broken, type ServerFault } from './server-fault.ts'

/** The events of a server, for whoever listens. */
export interface Feed {
  open(fault: ServerFault, signal: AbortSignal | undefined): Promise<MessageStream>
  /** Reports a change that a request has made. */
  send(method: string, pathname: string): void
  /** Breaks all connections. */
  breakOff(): void
}

interface Listener {
  push(message: string): void
  end(error: Error): void
}

export function createFeed(): Feed {
  const listeners = new Set<Listener>()
  return {
    async open(fault, signal) {
      signal?.throwIfAborted()
      if (fault.kind === 'hung')
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      if (fault.kind !== 'none' && fault.kind !== 'flaky')
        throw broken('connect ECONNREFUSED 127.0.0.1', 'ECONNREFUSED')
      return listen(listeners, signal)
    },
    send(method, pathname) {
      const message = describeChange(method, pathname)
      if (message !== undefined) for (const { push } of listeners) push(message)
    },
    breakOff() {
      for (const { end } of [...listeners]) end(broken('read ECONNRESET', 'ECONNRESET'))
    },
  }
}

function listen(listeners: Set<Listener>, signal: AbortSignal | undefined): MessageStream {
  const messages: string[] = []
  let failure: Error | undefined
  let isClosed = false
  let wake = (): void => undefined
  const listener: Listener = {
    push(message) {
      messages.push(message)
      wake()
    },
    end(error) {
      failure = error
      listeners.delete(listener)
      wake()
    },
  }
  const close = (): void => {
    isClosed = true
    listeners.delete(listener)
    signal?.removeEventListener('abort', close)
    wake()
  }
  listeners.add(listener)
  signal?.addEventListener('abort', close)
  return {
    close,
    async *[Symbol.asyncIterator]() {
      for (;;) {
        for (let next = messages.shift(); next !== undefined; next = messages.shift()) yield next
        if (failure !== undefined) throw failure
        if (isClosed) return
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

const actions: Record<string, string> = {
  POST: 'created',
  PUT: 'updated',
  PATCH: 'updated',
  DELETE: 'deleted',
}

function describeChange(method: string, pathname: string): string | undefined {
  const [, kind = '', name = ''] = /^\/1\.0\/images(\/aliases)?(?:\/(.*))?$/.exec(pathname) ?? []
  const isImage = /^\/1\.0\/images/.test(pathname) && kind === ''
  if (!isImage && kind === '') return undefined
  const action = `${isImage ? 'image' : 'image-alias'}-${actions[method]}`
  return JSON.stringify({
    type: 'lifecycle',
    timestamp: new Date().toISOString(),
    location: 'none',
    project: 'default',
    metadata: { action, source: `/1.0/images${isImage ? '' : '/aliases'}/${name}` },
  })
}
