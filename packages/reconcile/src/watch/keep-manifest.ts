import { messageOf } from '@hyperkit/core/parts'
import type { LoadedManifest } from '../manifest/load-manifest.ts'
import type { ManifestServer } from '../manifest/manifest.ts'
import { watchFiles } from './watch-files.ts'

/** A manifest that was loaded, with the servers and files to watch. */
export interface LoadedWatch {
  manifest: LoadedManifest
  servers: readonly ManifestServer[]
  /** Absolute paths of files whose changes start a pass over all servers. */
  sources: readonly string[]
}

export interface KeepManifestOptions {
  /** Files and folders of the manifest. */
  paths: readonly string[]
  /** Milliseconds for which the files must stay unchanged. */
  settle: number
  /** @throws if the manifest is not good */
  load(): Promise<LoadedWatch>
  /** Called with each new good manifest; the next one is loaded after it has resolved. */
  onLoaded(loaded: LoadedWatch): Promise<void>
  /** Called if the files do not hold a valid manifest; the last valid one stays in use. */
  onRefused(message: string): void
}

export interface KeptManifest {
  /** The last good manifest. */
  readonly current: LoadedWatch
  /** Loads the manifest even if no file has changed: an environment variable or a certificate may have. */
  reload(): void
  close(): void
}

/**
 * Watches the files of a manifest, and keeps the last valid manifest that they held in use.
 *
 * @throws if there is no good manifest to begin with
 */
export async function keepManifest(options: KeepManifestOptions): Promise<KeptManifest> {
  const { paths, settle, load, onLoaded, onRefused } = options
  let isGood = true
  let current: LoadedWatch
  const loadNext = async (isAsked: boolean): Promise<void> => {
    try {
      const next = await load()
      if (isGood && !isAsked && keyOf(next) === keyOf(current)) return
      isGood = true
      current = next
      await onLoaded(next)
    } catch (error) {
      isGood = false
      onRefused(messageOf(error))
    }
  }
  let last: Promise<void>
  const queueLoad = (isAsked: boolean): void => {
    last = last.then(() => loadNext(isAsked))
  }
  const files = watchFiles({ settle, onChange: () => queueLoad(false) })
  try {
    // The files are followed before they are read, so that no change is missed in between.
    await files.follow(paths)
    const first = load()
    last = first.then(() => {})
    current = await first
  } catch (error) {
    files.close()
    throw error
  }
  return {
    get current() {
      return current
    },
    reload: () => queueLoad(true),
    close: files.close,
  }
}

function keyOf({ manifest }: LoadedWatch): string {
  return JSON.stringify(manifest.files)
}
