import { Failure } from '../answer/failure.ts'
import type { Dialect } from '../dialect/dialect.ts'

/** The request with a body that fails beyond the server's limit (T41). */
export function limitBody({ maxBody }: Dialect, request: Request): Request {
  if (maxBody === undefined || request.body === null) return request
  let size = 0
  const counted = request.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.byteLength
        if (size <= maxBody) controller.enqueue(chunk)
        else controller.error(new Failure(statusFor(request.method), 'http: request body too large'))
      },
    }),
  )
  const init: RequestInit & { duplex: 'half' } = {
    method: request.method,
    headers: request.headers,
    body: counted,
    signal: request.signal,
    duplex: 'half',
  }
  return new Request(request.url, init)
}

function statusFor(method: string): number {
  return method === 'PATCH' ? 500 : 400
}
