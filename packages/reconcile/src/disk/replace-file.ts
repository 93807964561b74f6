import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'

/**
 * Whole or not at all: who reads it meanwhile finds the old one.
 *
 * @throws {HyperkitError} `file-unwritable`
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomUUID().slice(0, 8)}.tmp`
  try {
    await writeFile(beside, text, { flag: 'wx' })
    await rename(beside, path)
  } catch (cause) {
    await rm(beside, { force: true })
    throw refusal(path, messageOf(cause), cause)
  }
}

/**
 * Refuses, before there is much work in vain, to put other words in place of what somebody may have written by hand.
 *
 * @param text what is to stand there, where that is known; the same may be written again
 * @throws {HyperkitError} `file-unwritable`
 */
export async function refuseOther(path: string, text?: string): Promise<void> {
  const present = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    throw refusal(path, cause.message, cause)
  })
  if (present !== undefined && present !== text)
    throw refusal(path, 'a file stands there; give another name, or --force to replace it')
}

function refusal(path: string, why: string, cause?: unknown): HyperkitError {
  return new HyperkitError('file-unwritable', `Cannot write "${path}": ${why}`, { cause })
}
