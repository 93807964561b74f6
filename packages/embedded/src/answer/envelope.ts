interface SyncOptions {
  /** @default 200, or 201 with a location */
  status?: number
  location?: string
  etag?: string
}

/** A `sync` envelope. Its body says 200 also under a 201, as the daemons do. */
export function syncAnswer(metadata: unknown, options: SyncOptions = {}): Response {
  const headers = new Headers({ 'content-type': 'application/json' })
  if (options.location !== undefined) headers.set('location', options.location)
  if (options.etag !== undefined) headers.set('etag', `"${options.etag}"`)
  const status = options.status ?? (options.location === undefined ? 200 : 201)
  return new Response(syncBody(metadata), { status, headers })
}

export function syncBody(metadata: unknown): string {
  return `${JSON.stringify({
    type: 'sync',
    status: 'Success',
    status_code: 200,
    operation: '',
    error_code: 0,
    error: '',
    metadata,
  })}\n`
}

export function asyncAnswer(id: string, metadata: unknown): Response {
  const operation = `/1.0/operations/${id}`
  const body = {
    type: 'async',
    status: 'Operation created',
    status_code: 100,
    operation,
    error_code: 0,
    error: '',
    metadata,
  }
  return new Response(`${JSON.stringify(body)}\n`, {
    status: 202,
    headers: { 'content-type': 'application/json', location: operation },
  })
}

export function errorAnswer(status: number, message: string): Response {
  return new Response(errorBody(status, message), {
    status,
    headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' },
  })
}

/** Error bodies end with one newline more than the others. */
export function errorBody(code: number, message: string): string {
  const body = {
    type: 'error',
    status: '',
    status_code: 0,
    operation: '',
    error_code: code,
    error: message,
    metadata: null,
  }
  return `${JSON.stringify(body)}\n\n`
}
