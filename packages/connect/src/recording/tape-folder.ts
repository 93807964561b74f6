import {
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'

// Nothing follows a link that somebody else has put there.
const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)

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
        const temporary = join(path, `.${name}.${process.pid}.part`)
        rmSync(temporary, { force: true })
        writeFileSync(temporary, content, { mode: 0o600, flag: 'wx' })
        renameSync(temporary, join(path, name))
      }),
    append: (name, text) => kept(() => append(join(path, name), text)),
  }
}

function append(path: string, text: string): void {
  const file = openSync(path, appending, 0o600)
  try {
    appendFileSync(file, text)
  } finally {
    closeSync(file)
  }
}

/** @returns the highest number among the files of the folder */
function prepare(path: string): number {
  try {
    // For this user only: requests and answers are private even without their secrets.
    mkdirSync(path, { recursive: true, mode: 0o700 })
    // A file is written rather than access() asked, which needs another permission on Deno.
    const trial = join(path, `.hyperkit-recording.${process.pid}`)
    rmSync(trial, { force: true })
    writeFileSync(trial, '', { flag: 'wx' })
    rmSync(trial)
    return Math.max(0, ...readdirSync(path).map((name) => Number.parseInt(name, 10) || 0))
  } catch (cause) {
    const reason = messageOf(cause)
    throw new HyperkitError('file-unwritable', `Cannot record into "${path}": ${reason}; nothing was sent`, {
      cause,
    })
  }
}
