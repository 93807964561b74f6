import { type Client, FingerprintMismatchError, type Image, type UploadFile } from '@hyperkit/core'
import {
  checkWholeFingerprint,
  type UploadImageOptions as Options,
  type Outcome,
  type SyncOption,
} from '@hyperkit/core/parts'
import { type ImageFiles, inspectImageFiles } from './disk/image-files.ts'
import type { InspectedFile } from './disk/inspect-file.ts'
import { openBytes } from './disk/open-bytes.ts'
import { hashFiles } from './fingerprint/fingerprint-of.ts'
import { refuseUnfit } from './metadata/check-image-files.ts'
import { describeSource } from './upload/describe-source.ts'
import { isSizeUnknown } from './upload/find-size.ts'
import { firstStateOf } from './upload/first-state.ts'
import { notExpected } from './upload/not-expected.ts'
import { trailHash } from './upload/trailing-hash.ts'

/** Options of {@link uploadImage}, including those of `images.upload`. */
export interface UploadImageOptions extends Omit<Options, 'fingerprint' | 'firstState'> {
  /** The fingerprint that the image must have, 64 hex; checked before anything is sent. */
  sha256?: string | undefined
  /** Whether to send files that {@link checkImageFiles} refuses. @default false */
  force?: boolean | undefined
  /** A directory in which hashes and checks of unchanged files are kept between processes. @default none */
  cache?: string | undefined
}

/**
 * Uploads an image file, or the two files of a split image, unless the server has that content. Aliases, properties and the other
 * attributes are set in both cases.
 *
 * The file is hashed first, so that nothing is sent needlessly and the server refuses bytes that were damaged on their way. A large
 * file is sent at once and hashed meanwhile if no image of the server has its size. Then the fingerprint that the server reports is
 * compared, and a damaged image is deleted on the server.
 *
 * If `properties` are given, the image has them, and those of its archive, from its first moment, even if this program is killed: the
 * server is asked for a push token with all of them. An archive whose `metadata.yaml` cannot be read here gets them once it is there.
 *
 * @throws ArgumentError code `file-unreadable`, naming the path
 * @throws DamagedFileError if {@link checkImageFiles} refuses the files, unless `force` is set
 * @throws FingerprintMismatchError if the file is not the expected one, or was damaged on its way
 *
 * @example
 * ```ts
 * const image = await uploadImage(client, './noble.tar.xz', { aliases: ['ubuntu/noble'] })
 * ```
 */
export async function uploadImage<Auto extends boolean, Sync extends boolean = Auto>(
  client: Client<Auto>,
  files: ImageFiles,
  options: UploadImageOptions & SyncOption<Sync> = {},
): Promise<Outcome<Image, Sync>> {
  const { sha256, force = false, cache, ...attributes } = options
  const expected = sha256 === undefined ? undefined : checkWholeFingerprint(sha256, 'sha256')
  const inspected = await inspectImageFiles(files, 'upload')
  const { signal, project } = options
  const type = typeof files === 'string' ? undefined : files.type
  const checked = { action: 'upload', type, signal, cache }
  const metadata = force ? undefined : await refuseUnfit(inspected, checked)
  const size = inspected.reduce((sum, file) => sum + file.size, 0)
  // A caller that does not wait for the end could not be told about damage, so then the server has to check the hash. An image with
  // properties of its own gets them with a token, which needs the hash.
  const hasProperties = Object.keys(options.properties ?? {}).length > 0
  if (expected === undefined && options.sync !== false && !hasProperties) {
    if (await isSizeUnknown(client, size, { signal, project })) {
      return hashWhileSending(client, files, inspected, attributes)
    }
  }
  const { fingerprint } = await hashFiles(inspected, 'upload', options)
  if (expected !== undefined && fingerprint !== expected) throw notExpected(inspected, expected, fingerprint)
  const source = await describeSource(files, inspected, (file) => openFile(file))
  const firstState = await firstStateOf(inspected, options.properties ?? {}, signal, metadata)
  return client.images.upload<Sync>(source, { ...attributes, fingerprint, firstState })
}

/** @param onBytes called with each piece before it is sent */
function openFile(
  file: InspectedFile,
  onBytes?: (file: InspectedFile, position: number, bytes: Uint8Array) => void,
): UploadFile['open'] {
  return () => {
    let position = 0
    return openBytes(file, 'upload', (bytes) => {
      onBytes?.(file, position, bytes)
      position += bytes.byteLength
    })
  }
}

async function hashWhileSending<Sync extends boolean>(
  client: Client<boolean>,
  files: ImageFiles,
  inspected: readonly InspectedFile[],
  options: Omit<Options, 'fingerprint' | 'firstState'> & SyncOption<Sync>,
): Promise<Outcome<Image, Sync>> {
  const hash = trailHash(inspected, options.signal)
  const source = await describeSource(files, inspected, (file) => openFile(file, hash.take))
  const fingerprint = (): Promise<string> => hash.digest()
  try {
    return await client.images.upload<Sync>(source, { ...options, fingerprint })
  } catch (error) {
    if (!(error instanceof FingerprintMismatchError)) throw error
    throw await withdraw(client, error, options)
  }
}

/** Deletes the image that arrived damaged, which has no alias yet, and reports that in the error. */
async function withdraw(
  client: Client<boolean>,
  error: FingerprintMismatchError,
  options: { project?: string | undefined },
): Promise<FingerprintMismatchError> {
  const { expected, actual } = error
  try {
    await client.images.delete(actual, { project: options.project, sync: true })
  } catch {
    return error
  }
  return new FingerprintMismatchError(
    `Cannot upload the image to "${client.name}": ${expected} was sent and ${actual} arrived; the damaged image was deleted there; upload again`,
    { server: client.name, expected, actual, cause: error },
  )
}
