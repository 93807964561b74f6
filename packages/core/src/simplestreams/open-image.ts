import { guardBody } from '../bytes/guard-body.ts'
import { passBytes } from '../bytes/pass-bytes.ts'
import type { ByteHash } from '../bytes/sha256.ts'
import { ArgumentError, FingerprintMismatchError, TransportError } from '../errors/errors.ts'
import { transportFailure } from '../http/transport-failure.ts'
import type { UploadFile, UploadSource } from '../images/upload-source.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { fetchFile, type StreamPlace } from './fetch-file.ts'
import type { StreamFile, StreamImage } from './stream-image.ts'

/** The hash over both files of a split image, while they are read one after the other. */
interface Joint {
  hash: ByteHash
  /** The file that was read last. */
  after: StreamFile['name'] | 'nothing'
}

/**
 * The files of an image, to upload or to save, each fetched when it is opened.
 *
 * A stream ends only if the file is complete and matches its hash. The stream of the rootfs, or of the only file, ends only if the whole
 * image also matches the fingerprint.
 */
export function openImage(
  place: StreamPlace,
  image: StreamImage,
  createHash: () => ByteHash,
  signal: AbortSignal | undefined,
): UploadSource {
  let joint: Joint | undefined
  const describe = (file: StreamFile): UploadFile => ({
    async open() {
      if (file.name === 'metadata') joint = { hash: createHash(), after: 'nothing' }
      if (file.name === 'rootfs' && joint?.after !== 'metadata') throw outOfOrder(image)
      return checked(place, file, await fetchBody(place, file, signal), createHash(), image, joint)
    },
    size: file.size === 0 ? undefined : file.size,
    filename: file.path.split('/').pop(),
  })
  const [first, second] = image.files
  if (first === undefined)
    throw new ArgumentError('image', 'Cannot open an image of a stream: it has no files')
  if (second === undefined) return { kind: 'unified', ...describe(first) }
  return { kind: 'split', metadata: describe(first), rootfs: describe(second), type: image.type }
}

async function fetchBody(
  place: StreamPlace,
  { path, size }: StreamFile,
  signal: AbortSignal | undefined,
): Promise<ReadableStream<Uint8Array>> {
  const answer = await fetchFile(place, path, signal)
  const length = answer.headers.get('content-length')
  const request = { method: 'GET', path: `/${path}` }
  const exceeded = (): Error =>
    new TransportError(
      'unexpected-answer',
      `Cannot read "${path}" of "${place.name}": the server sends more than the ${size} bytes that the stream says`,
      { server: place.name, request },
    )
  return guardBody(answer.body ?? new Blob([]).stream(), {
    length: length === null || answer.headers.has('content-encoding') ? undefined : Number(length),
    most: size === 0 ? undefined : { bytes: size, exceeded },
    failed: (error) =>
      transportFailure(error, {
        server: place.name,
        action: `Cannot read "${path}"`,
        request,
        reading: true,
      }),
    signal,
  })
}

function checked(
  place: StreamPlace,
  file: StreamFile,
  body: ReadableStream<Uint8Array>,
  hash: ByteHash,
  image: StreamImage,
  joint: Joint | undefined,
): ReadableStream<Uint8Array> {
  const check = (expected: string, actual: string, what: string): void => {
    if (expected === actual) return
    throw new FingerprintMismatchError(
      `Cannot trust ${what} of "${place.name}": its SHA-256 is ${actual}, but the stream says ${expected}`,
      { server: place.name, expected, actual },
    )
  }
  return passBytes(body, {
    take(piece) {
      hash.update(piece)
      joint?.hash.update(piece)
    },
    end() {
      if (file.sha256 !== '') check(file.sha256, hash.digest('hex'), `"${file.path}"`)
      if (joint !== undefined) joint.after = file.name
      if (file.name === 'rootfs' && joint !== undefined)
        check(image.fingerprint, joint.hash.digest('hex'), `image ${shortFingerprint(image.fingerprint)}`)
    },
  })
}

function outOfOrder({ fingerprint }: StreamImage): ArgumentError {
  return new ArgumentError(
    'rootfs',
    `Cannot verify image ${shortFingerprint(fingerprint)}: read its metadata to the end before its rootfs`,
  )
}
