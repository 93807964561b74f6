import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { InspectedFile } from './inspect-file.ts'

/** Where facts about unchanged files are kept between processes. */
export interface StateCache {
  /** A directory, with one small file for each entry, so that processes do not disturb each other. */
  directory: string
  /** What the facts are about. */
  kind: 'fingerprint' | 'format'
}

// As git does with its index: a file that was written this shortly before it was read may be written again within the same tick of the
// clock, and then looks unchanged. A time in the future proves nothing either.
const settledAfter = 2_000

/** Entries that were not used for this long are removed. */
const keptFor = 90 * 86_400_000

/**
 * What an earlier process found out about files, if they are unchanged since then: path, device, inode, size and times of change are the
 * same. Anything that cannot be read is no entry.
 *
 * @param isKept whether to write down that the entry was used
 */
export async function readStateCache(
  cache: StateCache,
  files: readonly InspectedFile[],
  isKept = true,
): Promise<string | undefined> {
  const path = pathOf(cache, files)
  try {
    const { state, [cache.kind]: fact } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    if (state !== stateOfAll(files) || typeof fact !== 'string') return undefined
    const now = new Date()
    if (isKept) await utimes(path, now, now).catch(() => undefined)
    return fact
  } catch {
    return undefined
  }
}

/**
 * Keeps a fact about files for later processes. A cache that cannot be written is no error: then the files are read again.
 *
 * @param files as they were before they were read
 * @param begun when reading them began, in milliseconds since 1970
 */
export async function writeStateCache(
  cache: StateCache,
  files: readonly InspectedFile[],
  fact: string,
  begun: number,
): Promise<void> {
  if (!areSettled(files, begun)) return
  const path = pathOf(cache, files)
  const part = `${path}.${randomUUID().slice(0, 8)}.part`
  try {
    await mkdir(cache.directory, { recursive: true, mode: 0o700 })
    await sweep(cache.directory)
    const entry = JSON.stringify({ state: stateOfAll(files), [cache.kind]: fact })
    await writeFile(part, entry, { mode: 0o600, flag: 'wx' })
    await rename(part, path)
  } catch {
    await rm(part, { force: true }).catch(() => undefined)
  }
}

/** Whether a later change of the files will show in their state. */
export function areSettled(files: readonly InspectedFile[], begun: number): boolean {
  return files.every(({ changedAt }) => begun - changedAt >= settledAfter)
}

/** Device, inode, size and times of change of all files. */
export function stateOfAll(files: readonly InspectedFile[]): string {
  return files.map(({ state, changedAt }) => `${state}:${changedAt}`).join(' ')
}

async function sweep(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    const found = await stat(path).catch(() => undefined)
    if (found?.isFile() && Date.now() - found.mtimeMs > keptFor)
      await rm(path, { force: true }).catch(() => undefined)
  }
}

function pathOf({ directory, kind }: StateCache, files: readonly InspectedFile[]): string {
  const paths = files.map(({ path }) => resolve(path)).join('\0')
  return join(directory, `${kind}-${createHash('sha256').update(paths).digest('hex')}.json`)
}
