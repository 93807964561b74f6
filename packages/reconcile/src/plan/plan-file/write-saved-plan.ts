import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import type { SavedPlan } from '../../documents/saved-plan.ts'
import { isPlanFile } from './read-saved-plan.ts'

/**
 * Writes a plan completely or not at all, readable only by its user. A file that is not a plan is not replaced: `--out` with the
 * manifest's name would destroy the manifest.
 *
 * @throws {HyperkitError} `file-unwritable`
 */
export async function writeSavedPlan(path: string, plan: SavedPlan): Promise<void> {
  const refuse = (why: string, cause?: unknown): HyperkitError =>
    new HyperkitError('file-unwritable', `Cannot save the plan as "${path}": ${why}`, { cause })
  const present = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined
    throw refuse(cause.message, cause)
  })
  if (present !== undefined && present.length > 0 && !(await isPlanFile(path)))
    throw refuse('a file that is not a plan exists there; give another name, or remove it')
  const folder = dirname(resolve(path))
  await access(folder, constants.W_OK).catch((cause: NodeJS.ErrnoException) => {
    throw refuse(
      cause.code === 'ENOENT' ? 'its directory does not exist' : 'its directory cannot be written to',
      cause,
    )
  })
  const beside = `${path}.${randomUUID().slice(0, 8)}.tmp`
  try {
    await writeFile(beside, `${JSON.stringify(plan, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await rename(beside, path)
  } catch (cause) {
    await rm(beside, { force: true })
    throw refuse(messageOf(cause), cause)
  }
}
