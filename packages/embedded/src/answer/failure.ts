/** Thrown by a handler: becomes an error envelope with this HTTP status and these words. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
