import { CertificateChangedError, type RequestFacts, TransportError } from '../errors/errors.ts'
import { type ErrorCode, HyperkitError } from '../errors/hyperkit-error.ts'

// Error codes and texts of each runtime, as measured: Node 20-26, Bun 1.4.5, Deno 2.9.5, workerd 2026-10.
const byCode: Record<string, ErrorCode> = {
  ECONNREFUSED: 'unreachable',
  ConnectionRefused: 'unreachable',
  ENOENT: 'unreachable',
  EACCES: 'unreachable',
  ENOTSOCK: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'unreachable',
  FailedToOpenSocket: 'unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'unreachable',
  ECONNRESET: 'closed-without-answer',
  EPIPE: 'closed-without-answer',
  ConnectionClosed: 'closed-without-answer',
  UND_ERR_SOCKET: 'closed-without-answer',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UnexpectedRedirect: 'unexpected-answer',
  // @hyperkit/connect: a status line that is invalid or was not asked for.
  ERR_INVALID_ANSWER: 'unexpected-answer',
  // Bun, for the same and for other invalid heads.
  UnrequestedUpgrade: 'unexpected-answer',
  InvalidContentLength: 'unexpected-answer',
  Malformed_HTTP_Response: 'unexpected-answer',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-rejected',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-rejected',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-rejected',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-rejected',
  CERT_HAS_EXPIRED: 'certificate-rejected',
  CERT_NOT_YET_VALID: 'certificate-rejected',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-rejected',
}

const byText: [RegExp, ErrorCode][] = [
  // Deno, if the program lacks the permission.
  [/Requires (net|read|write) access to/, 'unreachable'],
  [
    /UnknownIssuer|invalid peer certificate|certificate verify|self.signed certificate/i,
    'certificate-rejected',
  ],
  [
    /connection refused|dns error|failed to lookup|No such file or directory|Unable to connect/i,
    'unreachable',
  ],
  [
    /closed before message completed|socket hang up|connection reset|network connection lost|closed unexpectedly|connection closed/i,
    'closed-without-answer',
  ],
  [
    /unexpected redirect|HTTP.*(parse|malformed)|Parse Error|invalid HTTP|EPROTO|wrong version number|InvalidContentType|tls/i,
    'unexpected-answer',
  ],
  // The package `ws`, for a handshake that is not one of a WebSocket.
  [/Invalid (Upgrade|Sec-WebSocket-\w+) header/, 'unexpected-answer'],
  [/timed? ?out/i, 'timeout'],
]

const words: Partial<Record<ErrorCode, string>> = {
  unreachable: 'it cannot be reached',
  'closed-without-answer':
    'it closed the connection without an answer; the request may or may not have been carried out',
  interrupted: 'its answer broke off',
  timeout: 'it did not answer in time',
  'certificate-rejected':
    'its certificate is not trusted; pin the certificate of this server if it is the right one',
  'unexpected-answer': 'the answer is not from an LXD or Incus server',
}

/** What to do about the size limit of Incus 7.0 and newer for every request but uploads (T41). */
export const longBody =
  'Incus 7.0 and newer accept requests of up to 1 MiB, uploads excepted: give the image shorter properties'

/** Turns whatever a runtime's fetch rejected with into one of our errors; our own errors pass unchanged. */
export function transportFailure(
  error: unknown,
  facts: { server: string; action: string; request: RequestFacts; reading?: boolean; length?: number },
): Error {
  if (error instanceof HyperkitError || error instanceof CertificateChangedError) return error
  const found = classify(error, facts.request.method !== 'GET')
  const code =
    facts.reading && (found === undefined || found === 'closed-without-answer')
      ? 'interrupted'
      : (found ?? 'closed-without-answer')
  // Incus closes the connection while the body is still being sent, so its answer is lost.
  const long = code === 'closed-without-answer' && (facts.length ?? 0) > 1_048_576 ? `; ${longBody}` : ''
  return new TransportError(
    code,
    `${facts.action} on "${facts.server}": ${words[code]} (${deepestText(error)})${long}`,
    {
      cause: error,
      server: facts.server,
      request: facts.request,
    },
  )
}

function* causes(error: unknown): Generator<{ code?: unknown; message?: unknown; syscall?: unknown }> {
  const waiting: unknown[] = [error]
  for (let seen = 0; waiting.length > 0 && seen < 12; seen++) {
    const next = waiting.shift()
    if (next === null || typeof next !== 'object') continue
    yield next
    const { cause, errors } = next as { cause?: unknown; errors?: unknown }
    if (Array.isArray(errors)) waiting.push(...errors)
    waiting.push(cause)
  }
}

/** Codes of a connection that cannot be made, and of one that was made, when its peer is gone. */
const ambiguous = new Set<unknown>(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])

/** @param isChange whether the request may not count as unsent unless that is certain; Bun's fetch does not say in which system call it failed */
function classify(error: unknown, isChange: boolean): ErrorCode | undefined {
  for (const { code, syscall } of causes(error)) {
    const found = typeof code === 'string' ? byCode[code] : undefined
    if (found === 'unreachable' && (syscall === 'read' || syscall === 'write')) return 'closed-without-answer'
    if (isChange && ambiguous.has(code) && syscall !== 'connect') return 'closed-without-answer'
    if (found !== undefined) return found
    if (typeof code === 'string' && code.startsWith('HPE_')) return 'unexpected-answer'
  }
  for (const { message, code } of causes(error)) {
    const text = `${String(code ?? '')} ${String(message ?? '')}`
    const row = byText.find(([pattern]) => pattern.test(text))
    if (row) return row[1]
  }
  return undefined
}

function deepestText(error: unknown): string {
  let text = String(error)
  for (const { message } of causes(error)) if (typeof message === 'string' && message !== '') text = message
  return text
}
