import type { Transport } from '@hyperkit/core'
import type { MessageLine, MessageStream, MessagesHead, TapeServer } from '@hyperkit/core/parts'
import { describeFailure } from './record-body.ts'
import type { Session } from './session.ts'

/** Opens a WebSocket, and writes each message as it arrives. */
export async function recordMessages(
  open: NonNullable<Transport['openMessages']>,
  session: Session,
  server: TapeServer,
  path: string,
  options: { signal?: AbortSignal | undefined },
): Promise<MessageStream> {
  const { file, stem } = session.begin(server, 'messages')
  const head: MessagesHead = { tape: 1, server, messages: { path: session.hider.path(file, path) } }
  const line = (value: MessagesHead | MessageLine): void =>
    session.append(`${stem}.jsonl`, `${JSON.stringify(session.hider.json(file, value))}\n`)
  let messages: MessageStream
  try {
    messages = await open(path, options)
  } catch (error) {
    line({ ...head, failure: options.signal?.aborted ? 'aborted' : describeFailure(error) })
    throw error
  }
  line(head)
  let over = false
  const end = (how: Extract<MessageLine, { end: unknown }>['end']): void => {
    if (!over) line({ end: how })
    over = true
  }
  return {
    close() {
      end('by the reader')
      messages.close()
    },
    async *[Symbol.asyncIterator]() {
      try {
        for await (const message of messages) {
          line({ after: session.begunWith(server), message: parse(message) })
          yield message
        }
        end('by the server')
      } catch (error) {
        if (!options.signal?.aborted) end(describeFailure(error))
        throw error
      } finally {
        end('by the reader')
      }
    },
  }
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message)
  } catch {
    return message
  }
}
