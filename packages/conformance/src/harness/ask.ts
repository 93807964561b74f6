import type { Refusal } from '@hyperkit/embedded'
import type { CaseContext, ConnectCaseOptions } from './case-context.ts'

/** An answer as it came: the status, and the fields of the envelope, where there is one. */
export interface Asked {
  status: number
  headers: Headers
  type: string
  error: string
  operation: string
  // biome-ignore lint/suspicious/noExplicitAny: cases look wherever they like
  metadata: any
}

export interface AskOptions {
  json?: unknown
  body?: Uint8Array | string
  headers?: Record<string, string>
}

export type Ask = (method: string, path: string, options?: AskOptions) => Promise<Asked>

/** Requests that this project's client would never make, or not in this way: what the server says of them is the subject. */
export async function openAsk({ transport }: CaseContext, options?: ConnectCaseOptions): Promise<Ask> {
  const { origin, fetch } = await transport(options)
  return async (method, path, { json, body, headers } = {}) => {
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers: new Headers(headers),
      body: json === undefined ? bodyOf(body) : JSON.stringify(json),
      redirect: 'manual',
    })
    return { status: answer.status, headers: answer.headers, ...readEnvelope(await answer.text()) }
  }
}

function readEnvelope(text: string): Omit<Asked, 'status' | 'headers'> {
  try {
    const { type, error, operation, metadata } = JSON.parse(text)
    return { type: type ?? '', error: error ?? '', operation: operation ?? '', metadata }
  } catch {
    return { type: '', error: text, operation: '', metadata: undefined }
  }
}

/** `404 not found`, or `200` alone where it is no error. */
export function tell({ status, error }: Asked): string {
  return error === '' ? String(status) : `${status} ${error}`
}

/** The same of what a dialect has for something: a refusal with its gaps filled, or done. */
export function foretell(outcome: Refusal | undefined | string, about = '', done = '200'): string {
  if (outcome === undefined || typeof outcome === 'string') return done
  return `${outcome.status} ${fillWords(outcome.words, about)}`
}

/** Words of a dialect with their gaps filled, in order: `%s` by a value, `%q` by it in double quotes. */
export function fillWords(words: string, ...values: readonly string[]): string {
  let next = 0
  return words.replace(/%[sq]/g, (gap) => {
    const value = values[next++] ?? ''
    return gap === '%q' ? JSON.stringify(value) : value
  })
}

/** The operation of an answer at its end. */
// biome-ignore lint/suspicious/noExplicitAny: cases look wherever they like
export async function settle(ask: Ask, accepted: Asked): Promise<any> {
  if (accepted.status !== 202) throw new Error(`The server did not accept the request: ${tell(accepted)}`)
  await ask('GET', `${accepted.operation}/wait?timeout=60`)
  return (await ask('GET', accepted.operation)).metadata
}

function bodyOf(body: Uint8Array | string | undefined): Uint8Array<ArrayBuffer> | string | null {
  return body instanceof Uint8Array ? new Uint8Array(body) : (body ?? null)
}
