/** Codes of a connection that was not made, on Node and Deno, and on Bun. */
const unmade = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ConnectionRefused', 'FailedToOpenSocket'])

/** Codes that also end a connection that was made, when its peer is gone. Bun's fetch does not say in which system call. */
const ambiguous = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])

/** Whether a request certainly failed before anything of it was sent, because there was no connection. */
export function isUnsent(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code, syscall } = at as { code?: unknown; syscall?: unknown }
    if (typeof code !== 'string') continue
    if (unmade.has(code)) return true
    if (ambiguous.has(code)) return syscall === 'connect'
  }
  return false
}
