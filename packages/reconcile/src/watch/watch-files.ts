import { type FSWatcher, watch } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { isSame, signFiles } from './sign-file.ts'

export interface WatchFilesOptions {
  /** Milliseconds for which files must have stayed as they are before a change of them is told. */
  settle: number
  onChange(): void
}

export interface WatchedFiles {
  /** From now on these, as they are now. */
  follow(paths: readonly string[]): Promise<void>
  /** What `signFile` says of a file that stays as it is; undefined for one that is not followed. */
  settled(path: string): string | undefined
  close(): void
}

/** Where the system tells nothing, as of network file systems, changes are found so many milliseconds later. */
const pollInterval = 5_000

/**
 * Tells when files have become others and stay as they are. The folders are watched, and any news of them is only the
 * occasion to look at the files: so editors that put a new file in place of the old one, and links that are made to point
 * elsewhere, are changes like others, and a file that was only read is none.
 */
export function watchFiles({ settle, onChange }: WatchFilesOptions): WatchedFiles {
  let paths: readonly string[] = []
  const folders = new Map<string, FSWatcher>()
  let [told, seen] = [new Map<string, string>(), new Map<string, string>()]
  let settling: ReturnType<typeof setTimeout> | undefined
  let isClosed = false

  const check = coalesce(async () => {
    const followed = paths
    const now = await signFiles(followed)
    if (isClosed || followed !== paths || isSame(now, seen)) return
    seen = now
    clearTimeout(settling)
    settling = undefined
    if (!isSame(now, told)) settling = setTimeout(() => void settled().catch(() => {}), settle)
  })
  const settled = async (): Promise<void> => {
    const followed = paths
    const now = await signFiles(followed)
    if (isClosed || followed !== paths) return
    if (!isSame(now, seen)) return check()
    told = now
    onChange()
  }
  const rearm = async (): Promise<void> => {
    const wanted = new Set((await Promise.all(paths.map(foldersOf))).flat())
    if (isClosed) return
    for (const [folder, watcher] of folders)
      if (!wanted.has(folder)) {
        watcher.close()
        folders.delete(folder)
      }
    for (const folder of wanted) {
      if (folders.has(folder)) continue
      try {
        const watcher = watch(folder, { persistent: false }, () => void check())
        const drop = (): void => {
          watcher.close()
          folders.delete(folder)
        }
        folders.set(
          folder,
          watcher.on('error', drop).on('close', () => folders.delete(folder)),
        )
      } catch {
        // Not there yet, or no watches left: the poll finds what changes.
      }
    }
  }
  const poll = setInterval(() => void rearm().then(check, () => {}), pollInterval)
  poll.unref()
  return {
    async follow(given) {
      const followed = given.map((path) => resolve(path))
      paths = followed
      clearTimeout(settling)
      const now = await signFiles(followed)
      if (followed !== paths) return
      seen = now
      told = now
      await rearm()
      await check()
    },
    settled: (path) => told.get(path),
    close() {
      isClosed = true
      clearInterval(poll)
      clearTimeout(settling)
      for (const watcher of folders.values()) watcher.close()
    },
  }
}

/** Where news of a file come from: its folder, that of the file that a link names, and a folder itself. */
async function foldersOf(path: string): Promise<string[]> {
  const real = await realpath(path).catch(() => path)
  const isFolder = await stat(real).then(
    (found) => found.isDirectory(),
    () => false,
  )
  return [...new Set([dirname(path), dirname(real), ...(isFolder ? [real] : [])])]
}

/** Never twice at once; what is asked for meanwhile is done once more afterwards. */
function coalesce(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let again = false
  const loop = async (): Promise<void> => {
    do {
      again = false
      await run()
    } while (again)
  }
  return () => {
    if (running !== undefined) {
      again = true
      return running
    }
    running = loop().finally(() => {
      running = undefined
    })
    return running
  }
}
