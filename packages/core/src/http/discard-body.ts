/** Ends an answer whose body nobody wants. It never rejects: a connection that breaks meanwhile takes nothing away. */
export async function discardBody(answer: Response): Promise<void> {
  await answer.body?.cancel().catch(() => undefined)
}
