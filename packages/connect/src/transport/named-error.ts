/**
 * An error that says in front of its text which part of the way failed, a proxy or an address. It keeps the code and the system call, by
 * which the kind of the failure is known.
 *
 * @param host not named again if the text names it already
 * @param codes replaces a code
 */
export function namedError(
  error: unknown,
  prefix: string,
  host: string,
  codes: Readonly<Record<string, string>> = {},
): unknown {
  if (!(error instanceof Error) || error.message.includes(host)) return error
  const { text, code, syscall } = describeError(error)
  // No cause, since errors show the text of the innermost one.
  return Object.assign(new Error(`${prefix}: ${text}`), {
    code: code === undefined ? undefined : (codes[code] ?? code),
    ...(syscall === undefined ? {} : { syscall }),
  })
}

/** The text of the innermost cause of an error, and the code of the outermost that has one, with its system call. */
export function describeError(error: unknown): {
  text: string
  code: string | undefined
  syscall: string | undefined
} {
  let text = String(error)
  let code: string | undefined
  let syscall: string | undefined
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    text = at.message
    const own = at as { code?: unknown; syscall?: unknown }
    if (code !== undefined || typeof own.code !== 'string') continue
    code = own.code
    syscall = typeof own.syscall === 'string' ? own.syscall : undefined
  }
  return { text, code, syscall }
}
