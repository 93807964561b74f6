import { readMetadata } from '../../archive/read-metadata.ts'
import type { ServerContext } from '../../call/context.ts'
import { commitBlobs } from '../../creation/commit-blobs.ts'
import type { Dialect } from '../../dialect/dialect.ts'
import { fill } from '../../dialect/fill.ts'
import { discardImage, type IncomingImage } from '../../ingest/incoming-image.ts'
import { layoutOf } from '../../ingest/layout-of.ts'
import { timestampNow, timestampOfSeconds, zeroTime } from '../../json/timestamp.ts'
import type { OperationHandle } from '../../operations/operation.ts'
import { type ImageRecord, imageKey } from '../../records/records.ts'
import type { ImageInfo, ResolvedImage } from '../../sources/resolved-image.ts'
import { removeLostFiles } from './remove-lost-files.ts'

/** Resolves when the running download of an image ends, if there is one. */
export async function downloadOf(server: ServerContext, fingerprint: string): Promise<void> {
  await server.downloads.get(fingerprint)
}

/**
 * Downloads an image of a source unless the server has it.
 *
 * @returns the record, and whether this call created it
 */
export async function fetchImage(
  server: ServerContext,
  handle: OperationHandle,
  resolved: ResolvedImage,
  project: string,
): Promise<{ image: ImageRecord; fresh: boolean }> {
  const running = server.downloads
  const { fingerprint } = resolved
  while (running.has(fingerprint)) await running.get(fingerprint)
  const known = server.images.get(imageKey(project, fingerprint))
  if (known !== undefined) return { image: known, fresh: false }
  const copy = await copyFromOtherProject(server, fingerprint, project)
  if (copy !== undefined) return { image: copy, fresh: true }
  let done = () => {}
  running.set(
    fingerprint,
    new Promise((resolve) => {
      done = resolve
    }),
  )
  try {
    return { image: await download(server, handle, resolved, project), fresh: true }
  } finally {
    running.delete(fingerprint)
    done()
  }
}

/** An image that another project has is not downloaded. */
async function copyFromOtherProject(
  server: ServerContext,
  fingerprint: string,
  project: string,
): Promise<ImageRecord | undefined> {
  const other = server.images.values().find((image) => image.fingerprint === fingerprint)
  if (other === undefined) return undefined
  const { updateSource: _theirs, ...rest } = other
  const image = { ...rest, project, public: false, autoUpdate: false, uploadedAt: timestampNow() }
  await server.images.put(image)
  return image
}

async function download(
  server: ServerContext,
  handle: OperationHandle,
  resolved: ResolvedImage,
  project: string,
): Promise<ImageRecord> {
  // Can be cancelled from here on, and not while the image is looked up (T28).
  handle.setMayCancel(resolved.cannotCancel !== true)
  const received = await resolved
    .download({
      store: server.store,
      signal: handle.signal,
      onProgress: (text) => handle.setMetadata(progressOf(server.dialect, text)),
    })
    .finally(() => handle.setMayCancel(false))
  // T36: the fingerprint of an image of a registry is not that of its content.
  const isTrusted = server.dialect.trustsRegistryImages && resolved.info?.properties.type === 'oci'
  const incoming = isTrusted ? { ...received, fingerprint: resolved.fingerprint } : received
  try {
    handle.signal.throwIfAborted()
    if (incoming.fingerprint !== resolved.fingerprint) {
      throw new Error(fill(server.dialect.downloadMismatch, incoming.fingerprint, resolved.fingerprint))
    }
    const image = await recordOf(server, incoming, resolved.info, project)
    await commitBlobs(image, incoming)
    const uploaded = server.images.get(imageKey(project, image.fingerprint))
    if (uploaded !== undefined) {
      if (server.dialect.uploadDuringPull !== 'loses-file') return uploaded
      // T5: an upload came in between; the daemons' cleanup deletes the file of its record.
      await removeLostFiles(server, image)
      throw new Error(server.dialect.racingUpload[0])
    }
    await server.images.put(image)
    return image
  } finally {
    await discardImage(incoming)
  }
}

/** The text `rootfs: 45% (8.05MB/s)`, and the object that LXD 6 adds. */
function progressOf({ downloadProgressObject }: Dialect, text: string): Record<string, unknown> {
  const percent = /(\d+)%/.exec(text)?.[1]
  if (!downloadProgressObject || percent === undefined) return { download_progress: text }
  const speed = Number(/\((\d+(?:\.\d+)?)MB\/s\)/.exec(text)?.[1] ?? 0) * 1e6
  return {
    download_progress: text,
    progress: { stage: 'download', percent, processed: '0', speed: String(Math.round(speed)) },
  }
}

async function recordOf(
  server: ServerContext,
  incoming: IncomingImage,
  given: ImageInfo | undefined,
  project: string,
): Promise<ImageRecord> {
  const { dialect } = server
  const archive = await readMetadata(incoming.archive, dialect)
  const info = given ?? infoOf(archive)
  return {
    project,
    fingerprint: incoming.fingerprint,
    public: false,
    autoUpdate: false,
    properties: info.properties,
    profiles: ['default'],
    architecture: info.architecture,
    cached: false,
    filename: info.filename,
    size: incoming.size,
    type: info.type,
    createdAt: info.createdAt,
    expiresAt: Date.parse(info.expiresAt) > 0 ? info.expiresAt : dialect.noExpiry,
    lastUsedAt: zeroTime,
    uploadedAt: timestampNow(),
    layout: await layoutOf(incoming, archive.extension, dialect.lz4),
  }
}

function infoOf(archive: Awaited<ReturnType<typeof readMetadata>>): ImageInfo {
  if (archive.type === undefined) throw new Error('Invalid instance type')
  return {
    architecture: archive.architecture,
    properties: archive.properties ?? {},
    filename: '',
    type: archive.type,
    createdAt: timestampOfSeconds(archive.creationDate),
    expiresAt: timestampOfSeconds(archive.expiryDate),
  }
}
