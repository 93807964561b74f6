import { type ArchiveMetadata, readMetadata } from '../../archive/read-metadata.ts'
import type { Call, ServerContext } from '../../call/context.ts'
import { imagesProject } from '../../call/images-project.ts'
import { addAliases } from '../../creation/add-aliases.ts'
import { announceCreated } from '../../creation/announce-created.ts'
import { commitBlobs } from '../../creation/commit-blobs.ts'
import { spreadImage } from '../../creation/spread-image.ts'
import type { Dialect } from '../../dialect/dialect.ts'
import { discardImage, type IncomingImage } from '../../ingest/incoming-image.ts'
import { layoutOf } from '../../ingest/layout-of.ts'
import type { UploadHeaders } from '../../ingest/upload-headers.ts'
import { isZeroTime, timestampNow, timestampOfSeconds, zeroTime } from '../../json/timestamp.ts'
import type { OperationHandle } from '../../operations/operation.ts'
import { DaemonCrash } from '../../operations/operations.ts'
import { type ImageRecord, imageKey } from '../../records/records.ts'
import { downloadOf } from './fetch-image.ts'
import { knownProfiles } from './known-profiles.ts'
import type { PushToken } from './push-token.ts'

export interface Upload {
  incoming: IncomingImage
  headers: UploadHeaders
  /** The attributes of the push token. */
  token: PushToken | undefined
  /** Lets an untrusted client wait for the operation. */
  waitSecret: string | undefined
}

/** Runs the operation of an upload: reads the archive, stores its bytes, writes its record. */
export async function storeUpload(call: Call, handle: OperationHandle, upload: Upload): Promise<void> {
  const { server } = call
  const { incoming, headers, token, waitSecret } = upload
  try {
    await finishedDownload(server, incoming.fingerprint)
    checkFingerprint(server.dialect, incoming, headers.fingerprint)
    const metadata = await readMetadata(incoming.archive, server.dialect)
    const image = await recordOf(call, upload, metadata)
    const known = server.images.get(imageKey(image.project, image.fingerprint))
    // The file is rewritten even if the image exists: that restores a lost file (T5).
    await commitBlobs(image, incoming)
    const secret = waitSecret === undefined ? {} : { secret: waitSecret }
    const report = (): void => {
      handle.setMetadata({ ...secret, fingerprint: image.fingerprint, size: String(image.size) })
    }
    if (known !== undefined) {
      report()
      throw new Error('Image with same fingerprint already exists')
    }
    await insert(server, image, report)
    report()
    // T55: cancelled too late, the image stays.
    if (handle.signal.aborted) throw new Error('Failed beginning transaction: context canceled')
    await addAliases(
      call,
      image,
      token?.aliases ?? headers.aliases.map((name) => ({ name, description: '' })),
    )
    await spreadImage(call, image, token !== undefined)
    announceCreated(call, image)
  } finally {
    await discardImage(incoming)
  }
}

/** T70: LXD 5.21 and newer run one operation at a time on an image. */
async function finishedDownload(server: ServerContext, fingerprint: string): Promise<void> {
  if (server.dialect.uploadDuringPull === 'waits') await downloadOf(server, fingerprint)
}

async function insert(server: ServerContext, image: ImageRecord, report: () => void): Promise<void> {
  // The second of two concurrent uploads of one image fails here.
  if (server.images.get(imageKey(image.project, image.fingerprint)) !== undefined) {
    if (server.dialect.racingUploadFingerprint) report()
    throw new Error(server.dialect.racingUpload[0])
  }
  await server.images.put(image)
}

function checkFingerprint(
  { fingerprintMismatch }: Dialect,
  { fingerprint }: IncomingImage,
  expected: string,
): void {
  // Compared as text: an upper-case fingerprint never matches.
  if (expected !== '' && expected !== fingerprint) {
    throw new Error(`${fingerprintMismatch}got ${fingerprint} expected ${expected}`)
  }
}

async function recordOf(
  call: Call,
  { incoming, headers, token }: Upload,
  metadata: ArchiveMetadata,
): Promise<ImageRecord> {
  const { dialect } = call.server
  const type = incoming.rootfs === undefined ? metadata.type : typeOfPart(incoming.rootfs.part)
  if (type === undefined) throw new Error('Invalid instance type')
  const expiry = metadata.expiryDate === 0 ? dialect.noExpiry : timestampOfSeconds(metadata.expiryDate)
  return {
    project: imagesProject(call),
    fingerprint: incoming.fingerprint,
    public: token?.public ?? headers.public,
    autoUpdate: false,
    properties: propertiesOf(dialect, metadata, headers, token),
    profiles: knownProfiles(dialect, headers.profiles ?? ['default']),
    architecture: metadata.architecture,
    cached: false,
    filename: incoming.rootfs?.filename ?? headers.filename,
    size: incoming.size,
    type,
    createdAt: timestampOfSeconds(metadata.creationDate),
    expiresAt: token !== undefined && !isZeroTime(token.expiresAt) ? token.expiresAt : expiry,
    lastUsedAt: zeroTime,
    uploadedAt: timestampNow(),
    layout: await layoutOf(incoming, metadata.extension, dialect.lz4),
  }
}

function typeOfPart(part: 'rootfs' | 'rootfs.img'): ImageRecord['type'] {
  return part === 'rootfs' ? 'container' : 'virtual-machine'
}

function propertiesOf(
  dialect: Dialect,
  metadata: ArchiveMetadata,
  headers: UploadHeaders,
  token: PushToken | undefined,
): Record<string, string> {
  if (token !== undefined && token.properties === undefined) {
    // T60.
    if (dialect.pushTokenWithoutProperties === 'refused')
      throw new Error('Invalid type for field "properties"')
  }
  const base = token === undefined ? metadata.properties : token.properties
  if (headers.properties === undefined) return base ?? {}
  // T4: the daemons write into a nil map, and the whole process ends.
  if (base === undefined) throw new DaemonCrash('assignment to entry in nil map')
  return token === undefined ? { ...base, ...headers.properties } : base
}
