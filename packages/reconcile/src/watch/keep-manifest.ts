import type { LoadedManifest } from '../manifest/load-manifest.ts'
import type { ManifestServer } from '../manifest/manifest.ts'
import { watchFiles } from './watch-files.ts'

/** A manifest as it was read, and what of it is watched. */
export interface LoadedWatch {
  manifest: LoadedManifest
  servers: readonly ManifestServer[]
  /** Absolute paths of files whose changes are an occasion to look at all servers. */
  sources: readonly string[]
}

export interface KeepManifestOptions {
  /** Files and folders of the manifest. */
  paths: readonly string[]
  /** Milliseconds for which they must have stayed as they are. */
  settle: number
  /** @throws where the manifest is not good */
  load(): Promise<LoadedWatch>
  /** There is another good one; the next is loaded when this has resolved. */
  onLoaded(loaded: LoadedWatch): Promise<void>
  /** What is there now is not good, and the one before stays in force. */
  onRefused(message: string): void
}

export interface KeptManifest {
  /** The last good one. */
  readonly current: LoadedWatch
  /** Loads it, also if no file has changed: an environment variable or a certificate may have. */
  reload(): void
  close(): void
}

/**
 * The manifest that is in force: the last good one of what its files held.
 *
 * @throws where there is no good one to begin with
 */
export async function keepManifest(options: KeepManifestOptions): Promise<KeptManifest> {
  const { paths, settle, load, onLoaded, onRefused } = options
  let isGood = true
  let current: LoadedWatch
  const loadNext = async (isAsked: boolean): Promise<void> => {
    try {
      const next = await load()
      if (isGood && !isAsked && signOf(next) === signOf(current)) return
      isGood = true
      current = next
      await onLoaded(next)
    } catch (error) {
      isGood = false
      onRefused(error instanceof Error ? error.message : String(error))
    }
  }
  let turn: Promise<void>
  const takeTurn = (isAsked: boolean): void => {
    turn = turn.then(() => loadNext(isAsked))
  }
  const files = watchFiles({ settle, onChange: () => takeTurn(false) })
  try {
    // Before they are read, so that no change falls between the two.
    await files.follow(paths)
    const first = load()
    turn = first.then(() => {})
    current = await first
  } catch (error) {
    files.close()
    throw error
  }
  return {
    get current() {
      return current
    },
    reload: () => takeTurn(true),
    close: files.close,
  }
}

function signOf({ manifest }: LoadedWatch): string {
  return JSON.stringify(manifest.files)
}
