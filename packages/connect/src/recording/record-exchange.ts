import type { Transport } from '@hyperkit/core'
import type { Exchange, RecordedBody, TapeServer, TransportInit } from '@hyperkit/core/parts'
import { unpackRequest } from '../transport/unpack-request.ts'
import { chooseHeaders } from './choose-headers.ts'
import { type BodyNotes, describeFailure, readText, recordBody } from './record-body.ts'
import type { Session } from './session.ts'

/** Sends a request unchanged and writes it to its tape: the request at once, and again with the answer when that has ended. */
export async function recordExchange(
  transport: Transport,
  session: Session,
  server: TapeServer,
  input: Request | string,
  init: Partial<TransportInit> | undefined,
): Promise<Response> {
  const outgoing = unpackRequest(input, init)
  const { url, method, headers, signal } = outgoing
  const { file, stem } = session.begin(
    server,
    `${method} ${url.pathname.replace(/^\/1\.0\/?/, '') || 'server'}`,
  )
  const noted: Exchange = {
    tape: 1,
    server,
    request: {
      method,
      path: session.hider.path(file, `${url.pathname}${url.search}`),
      headers: session.hider.headers(file, chooseHeaders(headers)),
    },
  }
  const write = (): void => session.write(`${stem}.json`, noted)
  const hide = (body: RecordedBody | undefined): { body?: RecordedBody } =>
    body === undefined ? {} : { body: hideBody(session, file, body) }
  const notes = (part: string): BodyNotes => ({
    keepBytes: session.keepBytes,
    keep: (bytes) => session.keep(`${stem}.${part}`, bytes),
  })
  write()
  const sent = await takeBody(outgoing.body, headers, notes('request.bin'), (body) => {
    noted.request = { ...noted.request, ...hide(body) }
    write()
  })
  let response: Response
  try {
    response = await transport.fetch(url.href, {
      method,
      headers,
      redirect: init?.redirect ?? (typeof input === 'string' ? 'error' : redirectOf(input)),
      ...(signal === undefined ? {} : { signal }),
      ...(sent === undefined ? {} : { body: sent }),
      ...(sent instanceof ReadableStream ? { duplex: 'half' as const } : {}),
    })
  } catch (error) {
    noted.failure = signal?.aborted ? 'aborted' : hideFailure(session, file, describeFailure(error))
    write()
    throw error
  }
  const answer = {
    status: response.status,
    headers: session.hider.headers(file, chooseHeaders(response.headers)),
  }
  noted.answer = answer
  if (response.body === null) {
    write()
    return response
  }
  const type = response.headers.get('content-type') ?? ''
  const body = recordBody(response.body, type, notes('answer.bin'), (end, read) => {
    const cut =
      end === 'whole' ? {} : { cut: typeof end === 'string' ? end : hideFailure(session, file, end) }
    noted.answer = { ...answer, ...hide(read), ...cut }
    write()
  })
  return withBody(response, body)
}

function hideBody({ hider }: Session, file: number, body: RecordedBody): RecordedBody {
  if ('json' in body) return { json: hider.json(file, body.json) }
  return 'text' in body ? { text: hider.text(file, body.text) } : body
}

function hideFailure<Failure extends { message: string }>(
  { hider }: Session,
  file: number,
  failure: Failure,
): Failure {
  return { ...failure, message: hider.text(file, failure.message) }
}

/** Streams stay streams. Other bodies are small and are sent as a whole, with a content-length and not in chunks. */
async function takeBody(
  body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | string | undefined,
  headers: Headers,
  notes: BodyNotes,
  onEnd: (body: RecordedBody | undefined) => void,
): Promise<ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | string | undefined> {
  if (body === undefined) return undefined
  const type = headers.get('content-type') ?? ''
  if (typeof body === 'string' || (body instanceof ReadableStream && /json/i.test(type))) {
    const text = typeof body === 'string' ? body : await new Response(body as BodyInit).text()
    onEnd(readText(text))
    return text
  }
  if (body instanceof ReadableStream) return recordBody(body, type, notes, (_, read) => onEnd(read))
  const passed = recordBody(new Response(body).body as ReadableStream<Uint8Array>, type, notes, (_, read) =>
    onEnd(read),
  )
  return new Uint8Array(await new Response(passed as BodyInit).arrayBuffer())
}

function redirectOf({ redirect }: Request): 'error' | 'manual' {
  return redirect === 'manual' ? 'manual' : 'error'
}

function withBody(response: Response, body: ReadableStream<Uint8Array>): Response {
  const { status, statusText, headers, url } = response
  const copy = new Response(body as BodyInit, { status, statusText, headers })
  Object.defineProperty(copy, 'url', { value: url })
  return copy
}
