import { Buffer } from 'node:buffer'
import http from 'node:http'
import type { Socket } from 'node:net'
import { connectTimeout, late } from './limit-connecting.ts'

/**
 * Opens a connection to `host:port` through an HTTP proxy (CONNECT).
 *
 * @param signal ends the attempt; the promise rejects with its reason
 * @throws Error with code `ECONNREFUSED` if the proxy refuses, so that it counts as unreachable
 */
export async function openTunnel(
  proxy: URL,
  host: string,
  port: number,
  signal?: AbortSignal,
): Promise<Socket> {
  signal?.throwIfAborted()
  let end = (): void => {}
  const stop = (): void => end()
  signal?.addEventListener('abort', stop, { once: true })
  const opened = new Promise<Socket>((resolve, reject) => {
    const target = `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`
    const request = http.request({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || 80,
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...authorization(proxy) },
      agent: false,
      timeout: connectTimeout,
    })
    end = () => {
      reject(signal?.reason)
      request.destroy()
    }
    request.on('timeout', () => request.destroy(late(connectTimeout)))
    request.on('connect', (response, socket) => {
      socket.setTimeout(0)
      if (response.statusCode === 200) return resolve(socket as Socket)
      socket.destroy()
      reject(refusal(proxy, target, response.statusCode))
    })
    request.on('response', (response) => {
      response.destroy()
      reject(refusal(proxy, target, response.statusCode))
    })
    request.on('error', (cause: Error & { code?: string }) =>
      reject(
        // No cause, since errors show the text of the innermost one, which would not name the proxy.
        Object.assign(new Error(`proxy "${proxy.host}" failed: ${cause.message}`), { code: cause.code }),
      ),
    )
    request.end()
  })
  return opened.finally(() => signal?.removeEventListener('abort', stop))
}

function refusal(proxy: URL, target: string, status: number | undefined): Error {
  const error = new Error(`proxy "${proxy.host}" answered ${status} to CONNECT "${target}"`)
  return Object.assign(error, { code: 'ECONNREFUSED' })
}

function authorization(proxy: URL): Record<string, string> {
  if (proxy.username === '' && proxy.password === '') return {}
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}
