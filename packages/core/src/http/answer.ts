import * as v from 'valibot'
import { type RequestFacts, ServerError, TransportError } from '../errors/errors.ts'
import type { ErrorCode } from '../errors/hyperkit-error.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { describeIssue } from '../model/describe-issue.ts'
import { type ServerMeaning, saysThat } from '../model/server-words.ts'
import type { View } from '../model/view.ts'
import { absence } from './absence.ts'
import { type Envelope, envelopeSchema } from './envelope.ts'
import { readDocument } from './read-document.ts'
import { readLoginFacts } from './refused-login.ts'
import { longBody } from './transport-failure.ts'

/** A server's answer, if it is not an error. */
export interface Answer {
  status: number
  metadata: unknown
  etag: string | undefined
  location: string | undefined
  /** URL of the operation that was started, if the answer is asynchronous. */
  operation: string | undefined
  /** The time of the answer by the server's clock; undefined if the answer does not say it. */
  date: Date | undefined
}

export interface AnswerFacts {
  server: string
  /** `Cannot ${what}` */
  action: string
  request: RequestFacts
  /** The caller's signal. */
  signal?: AbortSignal | undefined
  /** Milliseconds between two pieces of the body; `false` for no limit. @default 60_000 */
  silence?: number | false
  /** Bytes of the longest answer that is read. @default 67_108_864 */
  maxDocument?: number | undefined
  /** Reads what this client sees, if that may explain the failure. The calls that find this out do without it. */
  look?: (code: 'not-found' | 'not-authorized') => Promise<View | undefined>
}

/** Reads an envelope, whatever the HTTP status is. */
export async function readEnvelope(response: Response, facts: AnswerFacts): Promise<Envelope> {
  const type = response.headers.get('content-type') ?? ''
  const isJson = type.includes('json')
  // Of a web page only the beginning is shown.
  const beginning = { maxDocument: 4096, whenLonger: 'cut' } as const
  const text = await readDocument(response, { ...facts, ...(isJson ? {} : beginning) })
  const parsed = isJson ? parse(text) : undefined
  if (parsed !== undefined) {
    refuseContradiction(parsed, response, facts)
    return parsed
  }
  const shown = text.trim().slice(0, 200)
  throw new TransportError(
    'unexpected-answer',
    `Cannot ${facts.action} on "${facts.server}": the answer is not from an LXD or Incus server (HTTP ${response.status}, ${type || 'no content type'}, ${JSON.stringify(shown)}); check the address and port`,
    { server: facts.server, request: facts.request },
  )
}

// Errors come with status 200 too (LXD, Incus), but no server reports success with the status of an error.
function refuseContradiction({ type }: Envelope, { status }: Response, facts: AnswerFacts): void {
  if (type === 'error' || status < 300) return
  throw new TransportError(
    'unexpected-answer',
    `Cannot ${facts.action} on "${facts.server}": the answer contradicts itself: HTTP ${status}, but "type": "${type}", which reports success; is there a proxy in between?`,
    { server: facts.server, request: facts.request },
  )
}

/** Reads the answer of a call, and throws its error. */
export async function readAnswer(response: Response, facts: AnswerFacts): Promise<Answer> {
  const envelope = await readEnvelope(response, facts)
  if (envelope.type === 'error') throw await serverError(envelope, response, facts)
  return {
    status: response.status,
    metadata: envelope.metadata,
    etag: response.headers.get('etag') ?? undefined,
    location: response.headers.get('location') ?? undefined,
    operation: envelope.type === 'async' ? envelope.operation : undefined,
    date: readDate(response.headers),
  }
}

/** The `Date` of an answer, which servers send and a proxy may leave out. */
export function readDate(headers: Headers): Date | undefined {
  const time = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(time) ? undefined : new Date(time)
}

/** The error of a call whose answer should have been bytes. */
export async function readFailure(response: Response, facts: AnswerFacts): Promise<Error> {
  const envelope = await readEnvelope(response, facts)
  if (envelope.type === 'error') return serverError(envelope, response, facts)
  return new TransportError(
    'unexpected-answer',
    `Cannot ${facts.action} on "${facts.server}": the server sent an answer of its API instead of an image`,
    {
      server: facts.server,
      request: facts.request,
    },
  )
}

/** Checks the shape of an answer's content once, here; everything after it relies on the types. */
export function readAs<const Schema extends v.GenericSchema>(
  schema: Schema,
  metadata: unknown,
  facts: AnswerFacts,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, metadata)
  if (result.success) return result.output
  const { at = '.', why } = describeIssue(result.issues[0])
  throw new TransportError(
    'unexpected-answer',
    `Cannot ${facts.action} on "${facts.server}": the answer does not have the expected form at "${at}": ${why}`,
    { server: facts.server, request: facts.request },
  )
}

function parse(text: string): Envelope | undefined {
  try {
    const result = v.safeParse(envelopeSchema, JSON.parse(text))
    return result.success ? result.output : undefined
  } catch {
    return undefined
  }
}

const codeByStatus: Record<number, ErrorCode> = {
  400: 'bad-request',
  401: 'not-authorized',
  403: 'not-authorized',
  404: 'not-found',
  409: 'already-exists',
  412: 'precondition-failed',
  501: 'not-implemented',
  503: 'unavailable',
}

/** Meanings that servers report with a status of another meaning, and their codes. */
const byWords = [
  ['ambiguous', 'ambiguous'],
  ['unavailable', 'unavailable'],
  ['member-down', 'unavailable'],
  ['member-silent', 'unavailable'],
  ['not-authorized', 'not-authorized'],
] as const satisfies readonly (readonly [ServerMeaning, ErrorCode])[]

/** The code for a status of an answer without an envelope. */
export function codeOfStatus(status: number): ErrorCode {
  return codeByStatus[status] ?? 'server-error'
}

async function serverError(
  envelope: Extract<Envelope, { type: 'error' }>,
  { status: httpStatus, headers }: Response,
  facts: AnswerFacts,
): Promise<Error> {
  const status = httpStatus >= 400 ? httpStatus : envelope.error_code || httpStatus
  const words = envelope.error
  const code = byWords.find(([meaning]) => saysThat(words, meaning))?.[1] ?? codeOfStatus(status)
  const view = await look(code, words, facts)
  if (view instanceof Error) return view
  return new ServerError(
    view === undefined || code === 'not-authorized' ? code : absence(view).code,
    `Cannot ${facts.action} on "${facts.server}": the server answered ${status} ${JSON.stringify(words)}${view === undefined ? advice(code, words, headers) : unseen(view, code, headers)}`,
    {
      server: facts.server,
      status: httpStatus,
      errorCode: envelope.error_code,
      serverMessage: words,
      request: facts.request,
    },
  )
}

/** The view if it is reduced, or the error that prevented reading it: without the view, "not found" proves nothing. */
async function look(code: ErrorCode, words: string, facts: AnswerFacts): Promise<View | Error | undefined> {
  if (facts.look === undefined || (code !== 'not-found' && code !== 'not-authorized')) return undefined
  // If a server reports a lost file, this client can see the image.
  if (saysThat(words, 'content-lost')) return undefined
  try {
    const view = await facts.look(code)
    return view?.sees === 'everything' ? undefined : view
  } catch (error) {
    // A recording of an earlier version does not have this request.
    if (isHyperkitError(error, 'not-recorded') || !(error instanceof Error)) return undefined
    return code === 'not-found' || isHyperkitError(error, 'not-authorized') ? error : undefined
  }
}

function unseen(view: View, code: ErrorCode, headers: Headers): string {
  if (code === 'not-found') return absence(view).why
  const issuer = readLoginFacts(headers)?.issuer
  const login =
    issuer === undefined ? '' : `, or give an access token of ${JSON.stringify(issuer)} as "token"`
  return `: ${view.reason}; ${view.remedy}${login}`
}

function advice(code: ErrorCode, words: string, headers: Headers): string {
  if (code === 'not-authorized') {
    const issuer = readLoginFacts(headers)?.issuer
    const login =
      issuer === undefined ? '' : `, or its access token of ${JSON.stringify(issuer)} given as "token"`
    return `; is this client's certificate trusted there${login}, and allowed in this project?`
  }
  if (code === 'precondition-failed') return '; somebody changed it in the meantime: read it again'
  if (saysThat(words, 'image-missing-oddly')) return '; there is no such image'
  if (saysThat(words, 'body-too-large')) return `; ${longBody}`
  return ''
}
