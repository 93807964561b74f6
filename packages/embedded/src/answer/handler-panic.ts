/** Thrown where a real handler panics: the connection is closed without an answer (T3). */
export class HandlerPanic extends Error {
  override readonly name = 'HandlerPanic'
}
