/** Codes of a connection that was not made, on Node and Deno, and on Bun. */
const unmade = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ConnectionRefused',
  'FailedToOpenSocket',
])

/** Whether a request failed before anything of it was sent, because there was no connection. */
export function isUnsent(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code, syscall } = at as { code?: unknown; syscall?: unknown }
    if (typeof code !== 'string') continue
    // Node's own code for a connection that was made and then went silent, too.
    if (code === 'ETIMEDOUT') return syscall !== 'read' && syscall !== 'write'
    if (unmade.has(code)) return true
  }
  return false
}
