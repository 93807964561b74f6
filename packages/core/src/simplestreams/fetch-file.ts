import { ServerError } from '../errors/errors.ts'
import { codeOfStatus } from '../http/answer.ts'
import { discardBody } from '../http/discard-body.ts'
import { fetchElsewhere } from '../http/fetch-elsewhere.ts'

/** The address of a stream, and how to reach it. */
export interface StreamPlace {
  /** Without a slash at the end. */
  url: string
  /** The name in errors. */
  name: string
  insecure: boolean
  /** Bytes of the longest list that is read. */
  maxDocument: number
  fetch(input: string, init: RequestInit): Promise<Response>
}

export async function fetchFile(
  place: StreamPlace,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const request = { method: 'GET', path: `/${path}` }
  const action = `Cannot read "${path}"`
  const { fetch, insecure, name: server } = place
  const answer = await fetchElsewhere(`${place.url}/${path}`, {
    fetch,
    method: 'GET',
    insecure,
    signal,
    action,
    server,
    request,
    instead: 'set insecure to accept it anyway',
  })
  if (answer.ok) return answer
  await discardBody(answer)
  throw new ServerError(
    codeOfStatus(answer.status),
    `${action} of "${server}": the server answered ${answer.status}`,
    { server, status: answer.status, errorCode: answer.status, serverMessage: '', request },
  )
}
