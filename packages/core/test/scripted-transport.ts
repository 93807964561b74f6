import type { Transport } from '../src/index.ts'

export interface Said {
  method: string
  path: string
  headers: Headers
  body: string
}

/** A server that says what a test wants, for wire shapes that no daemon on this machine sends. */
export function scriptedTransport(
  answer: (said: Said, count: number) => Response | Promise<Response>,
): Transport & { said: Said[] } {
  const said: Said[] = []
  return {
    origin: 'http://scripted.invalid',
    name: 'scripted',
    said,
    async fetch(input, init) {
      const request = new Request(input, init as RequestInit)
      const { pathname, search } = new URL(request.url)
      const one = {
        method: request.method,
        path: pathname + search,
        headers: request.headers,
        body: await request.text(),
      }
      said.push(one)
      return answer(one, said.length)
    },
  }
}

export function json(value: unknown, init: ResponseInit = {}): Response {
  return new Response(JSON.stringify(value), {
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
  })
}

export function sync(metadata: unknown, headers: Record<string, string> = {}): Response {
  return json(
    { type: 'sync', status: 'Success', status_code: 200, operation: '', error_code: 0, error: '', metadata },
    { headers },
  )
}

export function failure(code: number, error: string, status: number = code): Response {
  return json(
    { type: 'error', status: '', status_code: 0, operation: '', error_code: code, error, metadata: null },
    { status },
  )
}

export function operation(
  status: string,
  statusCode: number,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    id: '11111111-2222-3333-4444-555555555555',
    class: 'task',
    description: 'Downloading image',
    status,
    status_code: statusCode,
    resources: null,
    metadata: null,
    may_cancel: false,
    err: '',
    ...more,
  }
}

export const lxdServer = {
  api_extensions: ['etag', 'image_profiles', 'devlxd_images'],
  auth: 'trusted',
  config: { 'core.https_address': '10.1.0.7:8443' },
  environment: { server: 'lxd', server_version: '5.0.2' },
}
