import { ServerError } from '../errors/errors.ts'
import { codeOfStatus } from '../http/answer.ts'
import { fetchElsewhere } from '../http/fetch-elsewhere.ts'

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
  const request = { method: 'GET', path: `/${path}` }
  const action = `Cannot read "${path}"`
  const { fetch, insecure, name: server } = place
  const answer = await fetchElsewhere(`${place.url}/${path}`, {
    ...{ fetch, method: 'GET', insecure, signal, action, server, request },
    instead: 'set insecure to take it all the same',
  })
  if (answer.ok) return answer
  await answer.body?.cancel()
  throw new ServerError(
    codeOfStatus(answer.status),
    `${action} of "${server}": the server answered ${answer.status}`,
    { server, status: answer.status, errorCode: answer.status, serverMessage: '', request },
  )
}
