import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FingerprintMismatchError, HyperkitError, type Progress } from '@hyperkit/core'
import { discardBody } from '@hyperkit/core/parts'
import { publicUrl } from '../identity/public-url.ts'
import type { UrlOrigin } from '../sources/content.ts'
import { downloadFile } from '../sources/download-file.ts'
import { downloadFolder, sweepDownloads } from '../sources/download-folder.ts'
import { openUrl } from '../sources/open-url.ts'
import { resumeUrl } from '../sources/resume-url.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'

/** Files of web servers, downloaded once for all servers that need them in a run. */
export interface Downloads {
  /**
   * The path of the complete file, which has this fingerprint.
   *
   * @throws {FingerprintMismatchError} if the download has another fingerprint; then nothing of it is kept
   */
  fetch(origin: UrlOrigin, fingerprint: string, options: FetchOptions): Promise<string>
  /** Removes the files. */
  close(): Promise<void>
}

export interface FetchOptions {
  signal: AbortSignal
  onProgress?: ((progress: Progress) => void) | undefined
}

export interface DownloadsOptions extends OpenOptions {
  /** The most bytes of one file. @default no limit */
  maxSize?: number | undefined
}

interface Download {
  path: Promise<string>
  listeners: Set<(progress: Progress) => void>
}

export function createDownloads(
  { wrapTransport, maxSize }: DownloadsOptions,
  folder = downloadFolder(),
): Downloads {
  const downloads = new Map<string, Download>()
  // The runs of one process have files of their own, since each removes its files when it ends.
  const id = randomUUID()
  return {
    fetch(origin, fingerprint, { signal, onProgress }) {
      if (origin.path !== undefined) return Promise.resolve(origin.path)
      let download = downloads.get(fingerprint)
      if (download === undefined) {
        const listeners: Download['listeners'] = new Set()
        const report = (progress: Progress): void => {
          for (const listener of listeners) listener(progress)
        }
        const options = { signal, wrapTransport, maxSize, onProgress: report }
        const path = join(folder, `${fingerprint}-${id}`)
        download = { path: fetchOnce(path, origin, fingerprint, options), listeners }
        downloads.set(fingerprint, download)
      }
      if (onProgress !== undefined) download.listeners.add(onProgress)
      return download.path
    },
    async close() {
      for (const path of await Promise.allSettled([...downloads.values()].map((each) => each.path)))
        if (path.status === 'fulfilled') await rm(path.value, { force: true })
    },
  }
}

async function fetchOnce(
  path: string,
  { url, file, insecure }: UrlOrigin,
  fingerprint: string,
  { signal, onProgress, wrapTransport, maxSize }: FetchOptions & DownloadsOptions,
): Promise<string> {
  await sweepDownloads(dirname(path))
  const opened = await openUrl(file, { method: 'GET', insecure, signal, wrapTransport })
  try {
    const { response } = opened
    if (!response.ok) {
      await discardBody(response)
      throw new HyperkitError(
        response.status === 404 ? 'not-found' : 'unexpected-answer',
        `Cannot download ${JSON.stringify(publicUrl(file))}: the web server answered ${response.status}`,
      )
    }
    const check = (found: { fingerprint: string }): void => {
      if (found.fingerprint === fingerprint) return
      throw new FingerprintMismatchError(
        `Cannot use the download from ${JSON.stringify(publicUrl(url))}: its fingerprint is ${found.fingerprint}, not the expected ${fingerprint}; it was discarded`,
        { expected: fingerprint, actual: found.fingerprint },
      )
    }
    const resume = (from: number) => resumeUrl(file, opened, from, { insecure, signal, wrapTransport })
    await downloadFile(opened, path, { signal, onProgress, check, resume, maxSize })
    return path
  } finally {
    opened.close()
  }
}
