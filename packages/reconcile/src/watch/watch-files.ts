import { type FSWatcher, watch } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { isSame, readFileStates } from './read-file-state.ts'

export interface WatchFilesOptions {
  /** Milliseconds for which files must stay unchanged before a change of them is reported. */
  settle: number
  onChange(): void
}

export interface WatchedFiles {
  /** Follows these files from now on, instead of those before; their state now is not a change. */
  follow(paths: readonly string[]): Promise<void>
  /** The state of a file, by `readFileState`, when it last settled; undefined for a file that is not followed. */
  settled(path: string): string | undefined
  close(): void
}

/** Milliseconds between checks for changes that the system does not report, as on network file systems. */
const pollInterval = 5_000

/**
 * Reports when files have changed and settled. Their folders are watched, and any event of a folder only causes a check of the
 * files. So an editor that replaces a file and a link that is pointed elsewhere are changes like others, and a file that was only
 * read is not a change.
 */
export function watchFiles({ settle, onChange }: WatchFilesOptions): WatchedFiles {
  let paths: readonly string[] = []
  const folders = new Map<string, FSWatcher>()
  let [reported, seen] = [new Map<string, string>(), new Map<string, string>()]
  let settling: ReturnType<typeof setTimeout> | undefined
  let isClosed = false

  const check = coalesce(async () => {
    const followed = paths
    const now = await readFileStates(followed)
    if (isClosed || followed !== paths || isSame(now, seen)) return
    seen = now
    clearTimeout(settling)
    settling = undefined
    if (!isSame(now, reported)) settling = setTimeout(() => void settled().catch(() => {}), settle)
  })
  const settled = async (): Promise<void> => {
    const followed = paths
    const now = await readFileStates(followed)
    if (isClosed || followed !== paths) return
    if (!isSame(now, seen)) return check()
    reported = now
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
        // The folder does not exist yet, or the system has no watches left: the poll finds changes.
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
      const now = await readFileStates(followed)
      if (followed !== paths) return
      seen = now
      reported = now
      await rearm()
      await check()
    },
    settled: (path) => reported.get(path),
    close() {
      isClosed = true
      clearInterval(poll)
      clearTimeout(settling)
      for (const watcher of folders.values()) watcher.close()
    },
  }
}

/** The folders whose events can concern a path: its own folder, the folder of a link's target, and the path itself if it is a folder. */
async function foldersOf(path: string): Promise<string[]> {
  const real = await realpath(path).catch(() => path)
  const isFolder = await stat(real).then(
    (found) => found.isDirectory(),
    () => false,
  )
  return [...new Set([dirname(path), dirname(real), ...(isFolder ? [real] : [])])]
}

/** Runs a function one call at a time; calls during a run cause one more run after it. */
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
