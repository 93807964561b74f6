import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { InspectedFile } from '../disk/inspect-file.ts'

// As git does with its index: a file that was written this shortly before it was hashed may be written again within the same tick of the
// clock, and then looks unchanged. A time in the future proves nothing either.
const settledAfter = 2_000

/** Entries that were not used for this long are removed. */
const keptFor = 90 * 86_400_000

/**
 * The hash of files that an earlier process has hashed, if they are unchanged since then: path, device, inode, size and times of change
 * are the same. Anything that cannot be read is no entry.
 *
 * @param directory one small file for each entry, so that processes do not disturb each other
 * @param isKept whether to write down that the entry was used
 */
export async function readHashCache(
  directory: string,
  files: readonly InspectedFile[],
  isKept = true,
): Promise<string | undefined> {
  const path = pathOf(directory, files)
  try {
    const { state, fingerprint } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    if (state !== stateOf(files) || typeof fingerprint !== 'string') return undefined
    if (!/^[0-9a-f]{64}$/.test(fingerprint)) return undefined
    const now = new Date()
    if (isKept) await utimes(path, now, now).catch(() => undefined)
    return fingerprint
  } catch {
    return undefined
  }
}

/**
 * Keeps the hash of files for later processes. A cache that cannot be written is no error: then the files are hashed again.
 *
 * @param files as they were before they were read
 * @param begun when reading them began, in milliseconds since 1970
 */
export async function writeHashCache(
  directory: string,
  files: readonly InspectedFile[],
  fingerprint: string,
  begun: number,
): Promise<void> {
  if (files.some(({ changedAt }) => begun - changedAt < settledAfter)) return
  const path = pathOf(directory, files)
  const part = `${path}.${randomUUID().slice(0, 8)}.part`
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await sweep(directory)
    await writeFile(part, JSON.stringify({ state: stateOf(files), fingerprint }), { mode: 0o600, flag: 'wx' })
    await rename(part, path)
  } catch {
    await rm(part, { force: true }).catch(() => undefined)
  }
}

async function sweep(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    const found = await stat(path).catch(() => undefined)
    if (found?.isFile() && Date.now() - found.mtimeMs > keptFor)
      await rm(path, { force: true }).catch(() => undefined)
  }
}

function pathOf(directory: string, files: readonly InspectedFile[]): string {
  const paths = files.map(({ path }) => resolve(path)).join('\0')
  return join(directory, `${createHash('sha256').update(paths).digest('hex')}.json`)
}

function stateOf(files: readonly InspectedFile[]): string {
  return files.map(({ state, changedAt }) => `${state}:${changedAt}`).join(' ')
}
