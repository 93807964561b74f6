import { stat } from 'node:fs/promises'
import { ArgumentError } from '@hyperkit/core'
import { fileUnreadable, readFailure } from './disk-failure.ts'

/** A regular file that is not empty, as it was when it was inspected. */
export interface InspectedFile {
  path: string
  size: number
  /** Differs if the content of the file has changed, without reading it. */
  state: string
  /** When anything of it was last changed, in milliseconds since 1970. Unlike its modification time, no program can set this. */
  changedAt: number
}

/** @throws ArgumentError code `file-unreadable`: missing, a directory, a device or a pipe, empty */
export async function inspectFile(path: string, action: string): Promise<InspectedFile> {
  if (typeof path !== 'string' || path === '') {
    throw new ArgumentError('path', `Cannot ${action} a file: give its path`)
  }
  if (path.includes('\0')) {
    throw new ArgumentError(
      'path',
      `Cannot ${action} ${JSON.stringify(path)}: a path cannot contain a NUL character`,
    )
  }
  const found = await look(path, action)
  // Checked before the file is opened, since opening a pipe would wait for its other end.
  if (found.isDirectory()) {
    throw fileUnreadable(path, action, 'it is a directory; give the image file in it')
  }
  if (!found.isFile()) throw fileUnreadable(path, action, 'it is not a regular file')
  if (found.size === 0n) throw fileUnreadable(path, action, 'it is empty')
  const changedAt = Number(found.ctimeNs) / 1e6
  return { path, size: Number(found.size), state: stateOf(found), changedAt }
}

/** The state of a file at this moment; see {@link InspectedFile.state}. */
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
