import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'

/** The folder of a recording: numbered files, in the order in which things began. */
export interface TapeFolder {
  next(): number
  /** Writes a whole file, in one step. */
  write(name: string, content: string | Uint8Array): void
  append(name: string, text: string): void
}

/**
 * The folder, made if it is missing; its numbers go on where an earlier recording ended.
 *
 * Everything is written at once and not in the background: a process that is killed or exits leaves what was said.
 *
 * @throws HyperkitError `file-unwritable`
 */
export function openTapeFolder(path: string): TapeFolder {
  let last = prepare(path)
  let warned = false
  // A full disk must not break what is recorded, and must not pass unseen either.
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
    write: (name, content) =>
      kept(() => {
        const temporary = join(path, `.${name}.part`)
        writeFileSync(temporary, content, { mode: 0o600 })
        renameSync(temporary, join(path, name))
      }),
    append: (name, text) => kept(() => appendFileSync(join(path, name), text, { mode: 0o600 })),
  }
}

/** Gives the highest number that is there. */
function prepare(path: string): number {
  try {
    // For the user alone: what is said to a server concerns nobody else, even without its secrets.
    mkdirSync(path, { recursive: true, mode: 0o700 })
    // Tried, and not asked with access(): Deno wants another permission for that.
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
