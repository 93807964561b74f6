const marked = new WeakSet<Response>()

/**
 * A response that {@link ImageServer.listen} turns into a closed connection, as when a daemon's handler panics.
 *
 * Callers of `fetch` get a plain 500, and can test it with {@link isClosedWithoutAnswer}.
 *
 * @example
 * ```ts
 * const server = createImageServer({ dialect: 'lxd', faults: () => closeWithoutAnswer() })
 * const answer = await server.fetch(new Request('http://embedded/1.0'))
 * console.log(isClosedWithoutAnswer(answer)) // true
 * ```
 */
export function closeWithoutAnswer(): Response {
  const response = new Response('connection closed without an answer\n', { status: 500 })
  marked.add(response)
  return response
}

/**
 * Whether a response was made by {@link closeWithoutAnswer}.
 *
 * @see {@link closeWithoutAnswer}
 */
export function isClosedWithoutAnswer(response: Response): boolean {
  return marked.has(response)
}
