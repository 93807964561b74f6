/** Thrown when a handler of a real daemon would panic: the connection is closed without an answer (T3). */
export class HandlerPanic extends Error {
  override readonly name = 'HandlerPanic'
}
