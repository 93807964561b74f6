import * as v from 'valibot'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import type { Exchange, MessageLine, MessagesHead } from './tape.ts'
import { exchangeSchema, messageLineSchema, messagesHeadSchema } from './tape-schemas.ts'

/** One file of a recording. */
export type ReadTape =
  | { kind: 'exchange'; exchange: Exchange }
  | { kind: 'messages'; head: MessagesHead; lines: MessageLine[] }

/**
 * Reads the text of one file of a recording.
 *
 * @param file the name in errors; the ending `.jsonl` means recorded messages
 * @throws HyperkitError `invalid-configuration` if it is not a file of a recording, or of another version
 *
 * @example
 * ```ts
 * try {
 *   readTape('1.json', '{}')
 * } catch (error) {
 *   console.log(isHyperkitError(error, 'invalid-configuration')) // true: it is not a recording
 * }
 * ```
 */
export function readTape(file: string, text: string): ReadTape {
  if (!file.endsWith('.jsonl')) {
    return { kind: 'exchange', exchange: check(exchangeSchema, file, 1, text) }
  }
  // If the recording process was killed, the last line may be incomplete.
  const [first = '', ...rest] = text.split('\n').slice(0, -1)
  return {
    kind: 'messages',
    head: check(messagesHeadSchema, file, 1, first),
    lines: rest.map((line, index) => check(messageLineSchema, file, index + 2, line)),
  }
}

function check<const Schema extends v.GenericSchema>(
  schema: Schema,
  file: string,
  line: number,
  text: string,
): v.InferOutput<Schema> {
  const refuse = (reason: string): HyperkitError =>
    new HyperkitError(
      'invalid-configuration',
      `Cannot read recording "${file}": line ${line} ${reason}; record it again, or remove the file`,
    )
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw refuse('is not JSON')
  }
  const result = v.safeParse(schema, json)
  if (result.success) return result.output
  const [issue] = result.issues
  throw refuse(`is not valid at "${v.getDotPath(issue) ?? '.'}" (${issue.message})`)
}
