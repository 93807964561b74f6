import { stat } from 'node:fs/promises'
import { ArgumentError } from '@hyperkit/core'
import { fileUnreadable, readFailure } from './disk-failure.ts'

/** A regular file that is not empty, as it was when it was looked at. */
export interface InspectedFile {
  path: string
  size: number
  /** What tells one content of the file from another without reading it. */
  state: string
  /** When anything of it was last changed, milliseconds since 1970; nobody can set that back. */
  changedAt: number
}

/** @throws ArgumentError code `file-unreadable`: missing, a directory, a device or a pipe, empty */
export async function inspectFile(path: string, action: string): Promise<InspectedFile> {
  if (typeof path !== 'string' || path === '') {
    throw new ArgumentError('path', `Cannot ${action} a file without its path: a path is needed`)
  }
  if (path.includes('\0')) {
    throw new ArgumentError('path', `Cannot ${action} ${JSON.stringify(path)}: a path has no NUL in it`)
  }
  const found = await look(path, action)
  // Opening a pipe would wait for its other end, so this is asked before.
  if (found.isDirectory()) {
    throw fileUnreadable(path, action, 'it is a directory; give the image file in it')
  }
  if (!found.isFile()) throw fileUnreadable(path, action, 'it is not a regular file')
  if (found.size === 0n) throw fileUnreadable(path, action, 'it is empty')
  const changedAt = Number(found.ctimeNs) / 1e6
  return { path, size: Number(found.size), state: stateOf(found), changedAt }
}

/** What a file is at this moment; see {@link InspectedFile.state}. */
export function stateOf(found: { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint }): string {
  return `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`
}

async function look(path: string, action: string): Promise<import('node:fs').BigIntStats> {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    throw readFailure(path, action, error)
  }
}
