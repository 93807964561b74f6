import type { Refusal } from '@hyperkit/embedded'
import type { CaseContext, ConnectCaseOptions } from './case-context.ts'

/** A raw answer: the status, and the fields of the envelope if there is one. */
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

/** Sends raw requests, to test the server's answers; this project's client would not send them, or not in this form. */
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

/** `404 not found`, or only `200` if it is not an error. */
export function tell({ status, error }: Asked): string {
  return error === '' ? String(status) : `${status} ${error}`
}

/** The same text for an outcome in a dialect: a refusal with filled placeholders, or success. */
export function foretell(outcome: Refusal | undefined | string, about = '', done = '200'): string {
  if (outcome === undefined || typeof outcome === 'string') return done
  return `${outcome.status} ${fillWords(outcome.words, about)}`
}

/** Fills the placeholders of a dialect's text in order: `%s` with a value, `%q` with a value in double quotes. */
export function fillWords(words: string, ...values: readonly string[]): string {
  let next = 0
  return words.replace(/%[sq]/g, (gap) => {
    const value = values[next++] ?? ''
    return gap === '%q' ? JSON.stringify(value) : value
  })
}

/** Waits for the operation of an answer, and returns it. */
// biome-ignore lint/suspicious/noExplicitAny: cases look wherever they like
export async function settle(ask: Ask, accepted: Asked): Promise<any> {
  if (accepted.status !== 202) throw new Error(`The server did not accept the request: ${tell(accepted)}`)
  await ask('GET', `${accepted.operation}/wait?timeout=60`)
  return (await ask('GET', accepted.operation)).metadata
}

function bodyOf(body: Uint8Array | string | undefined): Uint8Array<ArrayBuffer> | string | null {
  return body instanceof Uint8Array ? new Uint8Array(body) : (body ?? null)
}
