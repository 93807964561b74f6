import { chunksOf } from '../bytes/chunks-of.ts'
import { guardBody } from '../bytes/guard-body.ts'
import { boundaryOf, readMultipart } from '../bytes/read-multipart.ts'
import { ArgumentError, TransportError, UnsupportedError } from '../errors/errors.ts'
import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import { readFailure } from '../http/answer.ts'
import type { Call, CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { discardBody } from '../http/discard-body.ts'
import { transportFailure } from '../http/transport-failure.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { nameHolders } from './name-holders.ts'

/** Options of `images.export`. */
export interface ExportImageOptions extends CallOptions {
  /** A secret of {@link createSecret}, with which an untrusted client exports a private image. */
  secret?: string | undefined
  /** Resumes a unified image at this byte; a split image is always sent whole. */
  range?: { start: number } | undefined
  /**
   * Bytes of the image by its record, {@link Image.size}. A transfer that is longer ends with an error (`unexpected-answer`), so that no
   * server can fill the disk. 0 means unknown, as in the records of servers.
   *
   * @default unknown
   */
  size?: number | undefined
}

/** The file of a unified image, or the rest of it. */
export interface UnifiedExport {
  kind: 'unified'
  fingerprint: string
  /** Not verified: hash it from byte 0 on, and compare the hash with the fingerprint. */
  body: ReadableStream<Uint8Array>
  /** The first byte of `body` within the file: the requested one, or 0 if the server sent the whole file. */
  start: number
  /** Bytes of the whole file. */
  totalSize: number | undefined
  /** The server's name for the file. Do not use it as a path; see `saveImage` of @hyperkit/files. */
  filename: string | undefined
}

/** One of the two files of a split image. */
export interface ExportPart {
  name: 'metadata' | 'rootfs' | 'rootfs.img'
  filename: string | undefined
  /** Read it to its end before the next part. */
  body: ReadableStream<Uint8Array>
}

/** The two files of a split image, metadata first. */
export interface SplitExport {
  kind: 'split'
  fingerprint: string
  /** Metadata, then rootfs; the fingerprint is one hash over both. */
  parts: AsyncIterable<ExportPart>
  /** Ends the transfer early. */
  cancel(): Promise<void>
}

/**
 * The result of `images.export`: one file, or two files one after the other, as `kind` says.
 *
 * @example
 * ```ts
 * const { fingerprint } = await client.images.getByAlias('ubuntu/noble')
 * const file = await client.images.export(fingerprint)
 * if (file.kind === 'unified') await file.body.pipeTo(new WritableStream())
 * else for await (const part of file.parts) await part.body.pipeTo(new WritableStream())
 * ```
 */
export type ImageExport = UnifiedExport | SplitExport

/** Bytes of a multipart body beside its parts. Servers send less than 1 KiB. */
const mostAroundParts = 64 * 1024

/**
 * The file or files of an image as streams.
 *
 * A transfer that breaks off throws an `interrupted` error into the stream. The stream never ends early without an error.
 */
export async function exportImage(
  connection: Connection,
  fingerprint: string,
  options: ExportImageOptions = {},
): Promise<ImageExport> {
  const { range, secret, size = 0, ...rest } = options
  const start = range?.start ?? 0
  if (!Number.isSafeInteger(start) || start < 0) {
    throw new ArgumentError(
      'range',
      `Cannot export from byte ${String(start)}: a whole number of at least 0 is needed`,
    )
  }
  const whole = await expandFingerprint(connection, fingerprint, { ...rest, secret })
  const call: Call = {
    method: 'GET',
    path: `/1.0/images/${whole}/export`,
    query: { secret },
    headers: { 'accept-encoding': 'identity', ...(start > 0 ? { range: `bytes=${start}-` } : {}) },
    action: `export image ${shortFingerprint(whole)}`,
    ...rest,
  }
  const facts = connection.facts(call)
  const response = await connection
    .receive(call, async (answer) => {
      if (answer.ok) return answer
      throw answer.status === 416
        ? await pastTheEnd(connection, call, answer)
        : await readFailure(answer, facts)
    })
    .catch(async (error: unknown) => {
      throw await nameHolders(connection, whole, error, rest)
    })
  const type = response.headers.get('content-type') ?? ''
  // Servers send octets or multipart. Anything else is not the image, such as a page of a proxy with status 200.
  if (/json|^text\//i.test(type)) throw await readFailure(response, facts)
  if (response.headers.get('x-incus-type') === 'oci') {
    await discardBody(response)
    throw new UnsupportedError(
      `Cannot export image ${shortFingerprint(whole)} of "${connection.name}": an OCI image has no fingerprint to verify it by`,
      {
        server: connection.name,
      },
    )
  }
  if (!response.body) {
    throw new TransportError(
      'unexpected-answer',
      `Cannot export image ${shortFingerprint(whole)} of "${connection.name}": the answer has no body`,
      {
        server: connection.name,
      },
    )
  }
  const failed = (error: unknown): Error =>
    transportFailure(error, { ...facts, action: `Cannot ${call.action}`, reading: true })
  // Only a transport that decodes gets here with an encoded answer, whose decoded length nobody announces.
  const length = response.headers.has('content-encoding')
    ? undefined
    : numberOf(response.headers.get('content-length'))
  const boundary = boundaryOf(type)
  const from = response.status === 206 ? firstByte(response.headers.get('content-range')) : 0
  const exceeded = (): Error =>
    new TransportError(
      'unexpected-answer',
      `Cannot ${call.action} of "${connection.name}": the server sends more than the ${size} bytes that the image has by its record`,
      { server: connection.name, request: facts.request },
    )
  const most = size === 0 ? undefined : { bytes: boundary ? size + mostAroundParts : size - from, exceeded }
  const body = guardBody(response.body, {
    length,
    most,
    failed,
    signal: rest.signal,
    silence: connection.limits.silence,
  })
  if (boundary) return splitExport(whole, body, boundary, failed)
  return {
    kind: 'unified',
    fingerprint: whole,
    body,
    start: from,
    totalSize: response.status === 206 ? totalOf(response.headers.get('content-range')) : length,
    filename: /filename="?([^";]*)"?/i.exec(response.headers.get('content-disposition') ?? '')?.[1],
  }
}

function splitExport(
  fingerprint: string,
  body: ReadableStream<Uint8Array>,
  boundary: string,
  failed: (error: unknown) => Error,
): SplitExport {
  const parts = readMultipart(chunksOf(body), boundary)
  return {
    kind: 'split',
    fingerprint,
    parts: {
      async *[Symbol.asyncIterator]() {
        try {
          for await (const { name, filename, body } of parts)
            if (name === 'metadata' || name === 'rootfs' || name === 'rootfs.img')
              yield { name, filename, body: streamOf(body, failed) }
        } catch (error) {
          throw failed(error)
        }
      },
    },
    cancel: async () => {
      await parts.return()
    },
  }
}

function streamOf(
  chunks: AsyncGenerator<Uint8Array, void>,
  failed: (error: unknown) => Error,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await chunks.next()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          controller.error(failed(error))
        }
      },
    },
    { highWaterMark: 0 },
  )
}

async function pastTheEnd(connection: Connection, call: Call, response: Response): Promise<Error> {
  // LXD announces the length of the file here but sends a line of text, so the body is not read.
  await discardBody(response)
  return new ArgumentError(
    'range',
    `Cannot ${call.action} of "${connection.name}" from that byte: the file is shorter`,
    { server: connection.name },
  )
}

function numberOf(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}

function firstByte(contentRange: string | null): number {
  return Number(/^bytes (\d+)-/.exec(contentRange ?? '')?.[1] ?? 0)
}

function totalOf(contentRange: string | null): number | undefined {
  return numberOf(/\/(\d+)$/.exec(contentRange ?? '')?.[1] ?? null)
}
