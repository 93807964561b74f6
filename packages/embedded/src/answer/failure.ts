/** Thrown by a handler; the server answers with an error envelope that has this HTTP status and message. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
