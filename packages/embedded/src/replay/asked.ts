import { createHash } from 'node:crypto'
import { chunksOf } from '@hyperkit/core/parts'

/** A request to be answered. */
export interface Asked {
  method: string
  pathname: string
  /** Sorted by name, because the order does not matter. */
  query: [string, string][]
  headers: Headers
  body: { json: unknown } | { text: string } | { bytes: number; sha256: string } | undefined
}

/** Reads a request. Its body is read to the end, as a server does, and kept only if it is JSON or text. */
export async function readAsked(request: Request): Promise<Asked> {
  return {
    method: request.method,
    ...splitPath(request.url),
    headers: request.headers,
    body: await readBody(request),
  }
}

export function splitPath(url: string): Pick<Asked, 'pathname' | 'query'> {
  const { pathname, searchParams } = new URL(url, 'http://unix.socket')
  return { pathname, query: [...searchParams].sort(([a], [b]) => (a < b ? -1 : 1)) }
}

async function readBody(request: Request): Promise<Asked['body']> {
  if (request.body === null) return undefined
  if (/json|^text\//i.test(request.headers.get('content-type') ?? '')) {
    const text = await request.text()
    try {
      return text === '' ? undefined : { json: JSON.parse(text) }
    } catch {
      return { text }
    }
  }
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of chunksOf(request.body)) {
    hash.update(chunk)
    bytes += chunk.byteLength
  }
  return bytes === 0 ? undefined : { bytes, sha256: hash.digest('hex') }
}
