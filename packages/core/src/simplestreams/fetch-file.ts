import { ServerError, TransportError } from '../errors/errors.ts'
import { codeOfStatus } from '../http/answer.ts'
import { transportFailure } from '../http/transport-failure.ts'

/** Where a stream is, and how it is reached. */
export interface StreamPlace {
  /** Without a slash at its end. */
  url: string
  /** How errors call it. */
  name: string
  insecure: boolean
  fetch(input: string, init: RequestInit): Promise<Response>
}

export async function fetchFile(
  place: StreamPlace,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Response> {
  signal?.throwIfAborted()
  const request = { method: 'GET', path: `/${path}` }
  const action = `Cannot read "${path}"`
  let answer: Response
  try {
    answer = await place.fetch(`${place.url}/${path}`, {
      // What a proxy compresses on the way would not have its hash.
      headers: { 'accept-encoding': 'identity' },
      redirect: 'follow',
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    signal?.throwIfAborted()
    throw transportFailure(error, { server: place.name, action, request })
  }
  if (answer.ok && (place.insecure || !answer.url.startsWith('http:'))) return answer
  await answer.body?.cancel()
  if (answer.ok) {
    throw new TransportError(
      'unexpected-answer',
      `${action} of "${place.name}": it was sent on to ${answer.url}, where anybody can change it on its way; set insecure to take it all the same`,
      { server: place.name, request },
    )
  }
  throw new ServerError(
    codeOfStatus(answer.status),
    `${action} of "${place.name}": the server answered ${answer.status}`,
    { server: place.name, status: answer.status, errorCode: answer.status, serverMessage: '', request },
  )
}
