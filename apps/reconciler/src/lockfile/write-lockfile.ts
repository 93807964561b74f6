import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { HyperkitError } from '@hyperkit/core'

/**
 * Whole or not at all: who reads it meanwhile finds the old one.
 *
 * @throws {HyperkitError} `file-unwritable`
 */
export async function writeLockfile(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomUUID().slice(0, 8)}.tmp`
  try {
    await writeFile(beside, text, { flag: 'wx' })
    await rename(beside, path)
  } catch (cause) {
    await rm(beside, { force: true })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HyperkitError('file-unwritable', `Cannot write lock file "${path}": ${reason}`, { cause })
  }
}
