import { closeWithoutAnswer } from '../../answer/close-without-answer.ts'
import { errorBody, syncBody } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call, ServerContext } from '../../call/context.ts'
import { isFinal, type Operation, renderOperation } from '../../operations/operation.ts'
import { findOperation } from './find-operation.ts'

/** `GET /1.0/operations/<id>/wait?timeout=<s>&secret=`, in the dialect of the server (T2). */
export async function waitOperation(call: Call): Promise<Response> {
  const { server, peer, query } = call
  const secret = query.get('secret')
  if (!peer.trusted && (secret === null || secret === '')) throw new Failure(403, server.dialect.forbidden)
  const seconds = readTimeout(query.get('timeout'))
  const operation = peer.trusted ? findOperation(call) : server.operations.get(call.params[0] ?? '')
  if (!peer.trusted && !opens(operation, secret)) throw new Failure(403, server.dialect.forbidden)
  server.cluster?.requireOperation(operation.id)
  const outcome = async (): Promise<Outcome> => {
    try {
      const ended = await settled(operation, seconds, call.request.signal)
      return outcomeOf(server, operation, ended)
    } catch (error) {
      if (server.member === undefined || server.member.name === operation.location) throw error
      return lostMember(server, operation)
    }
  }
  if (server.dialect.waitHeadersAtOnce) return answerLater(outcome)
  try {
    const { status, body } = await outcome()
    return new Response(body, { status, headers: { 'content-type': 'application/json' } })
  } catch {
    return closeWithoutAnswer()
  }
}

interface Outcome {
  status: number
  body: string
}

/** The member that had the operation has died, and this one, which forwarded the wait, has not. */
function lostMember({ dialect, cluster }: ServerContext, { id, location }: Operation): Outcome {
  if (dialect.waitHeadersAtOnce) return { status: 200, body: errorBody(500, 'unexpected EOF') }
  const address = cluster?.members.find(({ name }) => name === location)?.address ?? ''
  const body = errorBody(500, `Get "https://${address}/1.0/operations/${id}/wait": EOF`)
  return { status: 500, body }
}

function outcomeOf(server: ServerContext, operation: Operation, ended: boolean): Outcome {
  const { wait, dialect } = server
  const status = wait === 'error-500' ? 500 : 200
  if (wait !== 'state' && !ended) return { status, body: errorBody(500, 'context deadline exceeded') }
  // A cancelled operation without an error is returned unchanged.
  if (wait !== 'state' && operation.err !== '') {
    const code = dialect.operationErrCode ? operation.errCode : 500
    return { status, body: errorBody(code, operation.err) }
  }
  return { status: 200, body: syncBody(renderOperation(dialect, operation)) }
}

function opens(operation: Operation, secret: string | null): boolean {
  return secret !== null && (operation.secret === secret || operation.metadata?.secret === secret)
}

function readTimeout(text: string | null): number {
  if (text === null || text === '') return -1
  if (!/^[+-]?\d+$/.test(text)) {
    throw new Failure(500, `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  return Number(text)
}

/** @returns whether the operation ended in time */
async function settled(operation: Operation, seconds: number, signal: AbortSignal): Promise<boolean> {
  if (isFinal(operation) || seconds === 0) return isFinal(operation)
  let timer: ReturnType<typeof setTimeout> | undefined
  let stop = () => {}
  const over = new Promise<void>((resolve) => {
    stop = resolve
    // A timer takes at most 2^31-1 ms; a longer wait has no limit.
    if (seconds > 0 && seconds < 2_000_000) timer = setTimeout(resolve, seconds * 1000)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    await Promise.race([operation.done, over])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
  return isFinal(operation)
}

/** Sends the headers at once, and the body when the operation ends. */
function answerLater(outcome: () => Promise<Outcome>): Response {
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        controller.enqueue(new TextEncoder().encode((await outcome()).body))
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, {
    headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' },
  })
}
