const marked = new WeakSet<Response>()

/**
 * A response that {@link ImageServer.listen} turns into a closed connection, as when a daemon's handler panics.
 *
 * Who calls `fetch` directly gets it as a plain 500 and can ask {@link isClosedWithoutAnswer}.
 */
export function closeWithoutAnswer(): Response {
  const response = new Response('connection closed without an answer\n', { status: 500 })
  marked.add(response)
  return response
}

/** True for what {@link closeWithoutAnswer} made. */
export function isClosedWithoutAnswer(response: Response): boolean {
  return marked.has(response)
}
