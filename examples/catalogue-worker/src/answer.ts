// All answers are made here, so that each has its security headers.

const safeguards = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

export interface AnswerOptions {
  status?: number
  headers?: Record<string, string>
}

export function answerJson(value: unknown, options: AnswerOptions = {}): Response {
  return answer(`${JSON.stringify(value, null, 2)}\n`, 'application/json; charset=utf-8', {
    ...options,
    // The images are public, so pages of other sites may read them too.
    headers: { 'access-control-allow-origin': '*', ...options.headers },
  })
}

export function answerPage(html: string, policy: string, options: AnswerOptions = {}): Response {
  return answer(html, 'text/html; charset=utf-8', {
    ...options,
    headers: { 'content-security-policy': policy, ...options.headers },
  })
}

export function answerBytes(body: BodyInit | null, type: string, options: AnswerOptions = {}): Response {
  return answer(body, type, {
    ...options,
    headers: { 'access-control-allow-origin': '*', ...options.headers },
  })
}

export function redirectTo(location: string, maxAge: number): Response {
  return new Response(null, {
    status: 302,
    headers: { ...safeguards, location, 'cache-control': `public, max-age=${maxAge}` },
  })
}

function answer(
  body: BodyInit | null,
  type: string,
  { status = 200, headers = {} }: AnswerOptions,
): Response {
  return new Response(body, { status, headers: { ...safeguards, 'content-type': type, ...headers } })
}

/** Answers with the text and its ETag, or without the text if the visitor already has it. */
export async function withEtag(request: Request, response: Response): Promise<Response> {
  const body = await response.arrayBuffer()
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body))
  const etag = `"${Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')}"`
  const headers = new Headers(response.headers)
  headers.set('etag', etag)
  if (response.status === 200 && isKnown(request, etag)) return notModified(headers)
  return new Response(body, { status: response.status, headers })
}

/** RFC 9110, 13.1.2: weak comparison, a list, or a star. */
export function isKnown(request: Request, etag: string): boolean {
  const given = request.headers.get('if-none-match')
  if (given === null) return false
  return given.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}

export function notModified(headers: Headers): Response {
  headers.delete('content-type')
  headers.delete('content-length')
  return new Response(null, { status: 304, headers })
}
