import { X509Certificate } from 'node:crypto'
import { Failure } from '../answer/failure.ts'
import type { Dialect } from '../dialect/dialect.ts'
import { describeFailure } from './describe-failure.ts'
import { type RemoteAnswer, type RemoteRequest, requestRemote } from './request-remote.ts'

/** Another LXD or Incus server, as an untrusted client sees it. */
export interface RemoteServer {
  /**
   * Reads `metadata` of an answer.
   *
   * @throws {Error} with the server's words
   */
  get(path: string): Promise<unknown>
  send(path: string, request: RemoteRequest): Promise<RemoteAnswer>
}

interface ConnectOptions {
  dialect: Dialect
  server: string
  /** PEM of its certificate; if empty, the system's authorities are trusted. */
  certificate: string
  signal: AbortSignal
  /** Whether `GET /1.0` is requested first. */
  asksFirst: boolean
}

/** @throws {Error} in the words of a daemon that cannot connect */
export async function connectRemote(options: ConnectOptions): Promise<RemoteServer> {
  const { dialect, certificate, signal, asksFirst } = options
  const base = options.server.replace(/\/+$/, '')
  if (!/^https?:\/\//.test(base)) throw new Error(`Get "${base}/1.0": unsupported protocol scheme ""`)
  checkCertificate(dialect, certificate)
  const send = async (path: string, request: RemoteRequest): Promise<RemoteAnswer> => {
    try {
      return await requestRemote(`${base}${path}`, { signal, certificate, ...request })
    } catch (error) {
      throw describeFailure(error, request.method ?? 'GET', `${base}${path}`, dialect)
    }
  }
  const get = async (path: string): Promise<unknown> => {
    const answer = await send(path, {})
    const status = answer.statusCode ?? 0
    const envelope = parseEnvelope(await textOf(answer))
    if (envelope === undefined) {
      throw new Error(`Failed to fetch ${base}${path}: ${status} ${answer.statusMessage ?? ''}`)
    }
    if (envelope.type === 'error') throw new Failure(status, String(envelope.error))
    return envelope.metadata
  }
  if (asksFirst) await get('/1.0')
  return { get, send }
}

function checkCertificate({ badCertificate }: Dialect, certificate: string): void {
  if (certificate === '') return
  try {
    new X509Certificate(certificate)
  } catch {
    throw new Error(badCertificate)
  }
}

function parseEnvelope(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** A whole body as text. */
export async function textOf(answer: RemoteAnswer): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of answer) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks).toString('utf8')
}
