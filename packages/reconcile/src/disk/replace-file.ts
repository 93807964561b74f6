import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'

/**
 * Replaces a file whole or not at all; a reader finds the old file until then.
 *
 * @throws {HyperkitError} `file-unwritable`
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`
  try {
    await writeFile(temporary, text, { flag: 'wx' })
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw refusal(path, messageOf(cause), cause)
  }
}

/**
 * Refuses to overwrite a file that somebody may have written by hand. Called before the work, so that none is wasted.
 *
 * @param text what will be written, if it is known already: a file with the same text may be overwritten
 * @throws {HyperkitError} `file-unwritable`
 */
export async function refuseOther(path: string, text?: string): Promise<void> {
  const present = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    throw refusal(path, cause.message, cause)
  })
  if (present !== undefined && present !== text)
    throw refusal(path, 'it exists already; choose another name, or use --force to replace it')
}

function refusal(path: string, why: string, cause?: unknown): HyperkitError {
  return new HyperkitError('file-unwritable', `Cannot write "${path}": ${why}`, { cause })
}
