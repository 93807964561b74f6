/**
 * The message of what was thrown, whatever it is.
 *
 * @example
 * ```ts
 * await client.server().catch((error: unknown) => console.error(messageOf(error)))
 * ```
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
