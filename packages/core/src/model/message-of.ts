/**
 * The message of a thrown value, whatever it is.
 *
 * @example
 * ```ts
 * await client.server().catch((error: unknown) => console.error(messageOf(error)))
 * ```
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
