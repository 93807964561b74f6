import { basename } from 'node:path'
import type { Client, Image, Progress } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import type { DownloadImage } from '../documents/plan.ts'
import type { UrlOrigin } from '../sources/content.ts'
import type { CreationOptions } from './apply-change-options.ts'
import { findFilename } from './find-filename.ts'
import { propertiesOf } from './properties-of.ts'

/**
 * Downloads a file to this machine, once for all servers, and uploads it after its fingerprint was checked. Servers are not
 * asked to download it: LXD 6.9 and newer refuse to, and a server would not check the fingerprint.
 */
export async function bringUrl(
  client: Client,
  { fingerprint, fields }: DownloadImage,
  origin: UrlOrigin,
  { signal, onProgress, onFetched, onWarning, downloads, isNew }: CreationOptions,
): Promise<Image> {
  let before = 0
  const path = await downloads.fetch(origin, fingerprint, {
    signal,
    onProgress: (progress) => {
      before = progress.bytes ?? 0
      onFetched?.(twice(progress, 0))
    },
  })
  return uploadImage(client, path, {
    sha256: fingerprint,
    filename: findFilename(fields) ?? filenameOf(origin),
    properties: propertiesOf(fields),
    signal,
    isNew,
    onWarning,
    onProgress: (progress) => {
      if (progress.stage !== 'fingerprint') onProgress?.(before === 0 ? progress : twice(progress, before))
    },
  })
}

/** Each byte crosses the network twice: to this machine, then to the server. */
function twice(progress: Progress, before: number): Progress {
  const { bytes = 0, totalBytes, stage } = progress
  if (totalBytes === undefined) return { stage, bytes: before + bytes }
  return { stage, bytes: before + bytes, totalBytes: 2 * totalBytes }
}

function filenameOf({ file }: UrlOrigin): string | undefined {
  try {
    const name = basename(decodeURIComponent(new URL(file).pathname))
    // The same rule as for file names in the manifest: no path, no control characters.
    return name === '' || /[\\\p{Cc}]/u.test(name) ? undefined : name
  } catch {
    return undefined
  }
}
