import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HyperkitError } from '@hyperkit/core'
import { type Exchange, type MessageLine, type MessagesHead, messageOf, readTape } from '@hyperkit/core/parts'

/** One file of a recording. Each is used once. */
export type Tape = { file: string; used: boolean } & (
  | { kind: 'exchange'; exchange: Exchange }
  | { kind: 'messages'; head: MessagesHead; lines: MessageLine[] }
)

/**
 * The files of a recording, in order.
 *
 * @throws HyperkitError `file-unreadable` if there is no recording; `invalid-configuration` for an invalid file
 */
export async function readTapes(directory: string): Promise<Tape[]> {
  const names = await readdir(directory).catch((cause: unknown) => {
    const reason = messageOf(cause)
    throw unreadable(directory, reason, cause)
  })
  const files = names
    .filter((name) => /^\d+-.*\.jsonl?$/.test(name))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1))
  if (files.length === 0)
    throw unreadable(directory, 'it contains no recording; make one with HYPERKIT_RECORD')
  return Promise.all(
    files.map(async (file) => ({
      file,
      used: false,
      ...readTape(join(directory, file), await readFile(join(directory, file), 'utf8')),
    })),
  )
}

function unreadable(directory: string, reason: string, cause?: unknown): HyperkitError {
  return new HyperkitError('file-unreadable', `Cannot replay "${directory}": ${reason}`, { cause })
}
