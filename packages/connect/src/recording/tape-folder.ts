import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'

/** The folder of a recording. Its files are numbered in the order in which requests and WebSockets began. */
export interface TapeFolder {
  next(): number
  /** Whether a tape with this name exists, without its ending. */
  has(stem: string): boolean
  /** Writes a whole file, in one step. */
  write(name: string, content: string | Uint8Array): void
  append(name: string, text: string): void
}

/**
 * Opens the folder, and makes it if it is missing. Its numbers continue those of an earlier recording.
 *
 * Everything is written synchronously, so that a process that is killed or exits leaves what it recorded so far.
 *
 * @throws HyperkitError `file-unwritable`
 */
export function openTapeFolder(path: string): TapeFolder {
  let last = prepare(path)
  let warned = false
  // A full disk must not break the requests that are recorded, and must not go unnoticed either.
  const kept = (action: () => void): void => {
    try {
      action()
    } catch (error) {
      if (warned) return
      warned = true
      console.warn(`The recording in "${path}" is incomplete: ${messageOf(error)}`)
    }
  }
  return {
    next: () => ++last,
    has: (stem) => ['.json', '.jsonl'].some((ending) => existsSync(join(path, `${stem}${ending}`))),
    write: (name, content) =>
      kept(() => {
        const temporary = join(path, `.${name}.part`)
        writeFileSync(temporary, content, { mode: 0o600 })
        renameSync(temporary, join(path, name))
      }),
    append: (name, text) => kept(() => appendFileSync(join(path, name), text, { mode: 0o600 })),
  }
}

/** @returns the highest number among the files of the folder */
function prepare(path: string): number {
  try {
    // For this user only: requests and answers are private even without their secrets.
    mkdirSync(path, { recursive: true, mode: 0o700 })
    // A file is written rather than access() asked, which needs another permission on Deno.
    const trial = join(path, '.hyperkit-recording')
    writeFileSync(trial, '')
    rmSync(trial)
    return Math.max(0, ...readdirSync(path).map((name) => Number.parseInt(name, 10) || 0))
  } catch (cause) {
    const reason = messageOf(cause)
    throw new HyperkitError('file-unwritable', `Cannot record into "${path}": ${reason}; nothing was sent`, {
      cause,
    })
  }
}
