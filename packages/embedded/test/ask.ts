import type { ConnectionInfo, ImageServer } from '../src/index.ts'

export interface Envelope {
  status: number
  headers: Headers
  type: string
  statusCode: number
  error: string
  operation: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look wherever they like
  metadata: any
}

export interface AskOptions {
  json?: unknown
  body?: BodyInit
  headers?: Record<string, string>
  info?: ConnectionInfo
}

export const stranger: ConnectionInfo = { transport: 'http' }

/** Sends one request to a server's `fetch`. */
export function send(
  server: ImageServer,
  method: string,
  path: string,
  options: AskOptions = {},
): Promise<Response> {
  const body = options.json === undefined ? options.body : JSON.stringify(options.json)
  const init: RequestInit & { duplex: 'half' } = { method, headers: options.headers ?? {}, duplex: 'half' }
  if (body !== undefined) init.body = body
  const info: ConnectionInfo = { transport: 'unix', ...options.info, target: path }
  return server.fetch(new Request('http://server/', init), info)
}

/** Like {@link send}, and reads the envelope. */
export async function ask(
  server: ImageServer,
  method: string,
  path: string,
  options: AskOptions = {},
): Promise<Envelope> {
  return readEnvelope(await send(server, method, path, options))
}

export async function readEnvelope(response: Response): Promise<Envelope> {
  const { type, status_code, error, operation, metadata } = (await response.json()) as Record<string, unknown>
  return {
    status: response.status,
    headers: response.headers,
    type: String(type),
    statusCode: Number(status_code),
    error: String(error),
    operation: String(operation),
    metadata,
  }
}

/** Waits for an accepted operation, and reads it whatever the wait dialect is. */
export async function settle(server: ImageServer, accepted: Envelope): Promise<Envelope['metadata']> {
  if (accepted.status !== 202) throw new Error(`not accepted: ${accepted.status} ${accepted.error}`)
  await ask(server, 'GET', `${accepted.operation}/wait`)
  return (await ask(server, 'GET', accepted.operation)).metadata
}

/** Uploads an archive and waits. */
export async function upload(
  server: ImageServer,
  body: BodyInit,
  headers: Record<string, string> = {},
  path = '/1.0/images',
): Promise<Envelope['metadata']> {
  return settle(server, await ask(server, 'POST', path, { body, headers }))
}
