/** Codes of a connection that was not made, on Node and Deno, and on Bun. */
const unmade = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ConnectionRefused',
  'FailedToOpenSocket',
])

/** Whether a request failed before anything of it was sent, because there was no connection. */
export function isUnsent(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code, syscall } = at as { code?: unknown; syscall?: unknown }
    if (typeof code !== 'string' || !unmade.has(code)) continue
    // The same codes end a connection that was made, when its peer is gone.
    return syscall !== 'read' && syscall !== 'write'
  }
  return false
}
