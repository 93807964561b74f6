import type { ServerError } from '@hyperkit/core'
import type { MessageStream } from '@hyperkit/core/parts'
import type { CaseContext, ConnectCaseOptions } from './case-context.ts'

/** Messages of `/1.0/events`, closed after the case. @param query such as `type=operation` */
export async function openMessages(
  context: CaseContext,
  query: string,
  options?: ConnectCaseOptions,
): Promise<MessageStream> {
  const transport = await context.transport(options)
  const messages = await transport.openMessages?.(`/1.0/events?${query}`, {})
  if (messages === undefined) throw new Error('Cannot listen to events: this transport opens no WebSocket')
  context.cleanup(() => messages.close())
  return messages
}

/** How the server answers the handshake for events: `200`, or the status and the words of its refusal. */
export async function tellHandshake(
  context: CaseContext,
  query: string,
  options?: ConnectCaseOptions,
): Promise<string> {
  try {
    const messages = await openMessages(context, query, options)
    messages.close()
    return '200'
  } catch (error) {
    const { status, serverMessage } = error as ServerError
    if (status === undefined) throw error
    return `${status} ${serverMessage}`
  }
}
