import { createTransport, type TransportOptions } from '@hyperkit/connect'
import type { Transport } from '@hyperkit/core'
import type { TransportInit } from '@hyperkit/core/parts'
import { expect, onTestFinished } from 'vitest'
import { certificateOf, echo, type Served, serveHttps } from './serve.ts'

/** The certificate of the server, another one, and that of the client. */
export const [own, other, mine] = await Promise.all([
  certificateOf('server'),
  certificateOf('other'),
  certificateOf('client'),
])

export async function open(options: TransportOptions): Promise<Transport> {
  const transport = await createTransport({ environment: {}, ...options } as TransportOptions)
  onTestFinished(() => transport.close?.())
  return transport
}

export async function until<T extends AsyncDisposable>(promise: Promise<T>): Promise<T> {
  const served = await promise
  onTestFinished(() => served[Symbol.asyncDispose]())
  return served
}

export const secure = (listener: Parameters<typeof serveHttps>[1] = echo): Promise<Served> =>
  until(serveHttps(own, listener))
export const pinned = (served: Served): TransportOptions => ({
  url: served.url,
  serverCertificate: own.fingerprint,
})

export function send(
  transport: Transport,
  path: string,
  init: Partial<TransportInit> = {},
): Promise<Response> {
  return transport.fetch(`${transport.origin}${path}`, { redirect: 'error', ...init })
}

export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  )
