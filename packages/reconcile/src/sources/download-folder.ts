import { readdir, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** The folder for downloads on their way to servers: `$XDG_CACHE_HOME/hyperkit/downloads`, with `~/.cache` as the default. */
export function downloadFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const { XDG_CACHE_HOME: cache } = environment
  return join(
    cache === undefined || cache === '' ? join(homedir(), '.cache') : cache,
    'hyperkit',
    'downloads',
  )
}

/** The folder in which hashes and checks of image files are kept: `$XDG_CACHE_HOME/hyperkit/fingerprints`. */
export function fingerprintFolder(): string {
  return join(downloadFolder(), '..', 'fingerprints')
}

/** Removes files that have not been used for some days, such as those of killed runs. @param days @default 7 */
export async function sweepDownloads(folder: string, days = 7): Promise<void> {
  const oldest = Date.now() - days * 86_400_000
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found?.isFile() && found.mtimeMs < oldest) await rm(path, { force: true }).catch(() => {})
  }
}
