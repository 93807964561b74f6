import {
  type Client,
  FingerprintMismatchError,
  type HyperkitError,
  type ImageExport,
  isHyperkitError,
  TransportError,
  type UnifiedExport,
} from '@hyperkit/core'
import { countProgress, type ReportProgress, shortFingerprint } from '@hyperkit/core/parts'
import { writeFailure } from '../disk/disk-failure.ts'
import { hashBeside } from './hash-beside.ts'
import { claimPart, leavePart, namePart, type PartFile, removePart, syncPart } from './part-file.ts'
import type { Places } from './places.ts'
import { readSize } from './read-size.ts'
import { hashHere, type RunningHash } from './running-hash.ts'
import { type Written, writeBody } from './write-body.ts'

// A transfer that breaks off is continued this many times, and only if it made progress.
const mostContinuations = 5

// Below this size, a separate thread for the hash costs more than it saves.
const hashedBeside = 64 * 1024 * 1024

export interface SaveCall {
  signal?: AbortSignal | undefined
  project?: string | undefined
  secret?: string | undefined
  onProgress?: ReportProgress | undefined
}

export interface SavedUnified {
  kind: 'unified'
  path: string
  size: number
  /** Bytes that came over the network. */
  received: number
}

/**
 * Saves a unified image, and continues a part of it that exists.
 *
 * @returns the export if the image turns out to be split; nothing of it has been read
 */
export async function saveUnified(
  client: Client<boolean>,
  fingerprint: string,
  places: Places,
  call: SaveCall,
): Promise<SavedUnified | Extract<ImageExport, { kind: 'split' }>> {
  const part = await claimPart(places.partStem)
  const written: Written = { hash: hashHere(), position: 0 }
  const transfer: Transfer = {
    client,
    fingerprint,
    part,
    written,
    call,
    received: 0,
    named: undefined,
    size: undefined,
    isOther: false,
  }
  let kept = true
  try {
    await hashPart(part, written, call.signal)
    if (!(await isWhole(transfer))) {
      transfer.size = await readSize(client, fingerprint, call)
      const split = await receive(transfer)
      if (split) {
        kept = false
        await removePart(part)
        return split
      }
    }
    const path = places.unified(transfer.named)
    await syncPart(part)
    await namePart(part, path)
    kept = false
    return { kind: 'unified', path, size: written.position, received: transfer.received }
  } catch (error) {
    if (error instanceof FingerprintMismatchError || (kept && transfer.isOther)) await removePart(part)
    else if (kept) await leavePart(part)
    throw error
  } finally {
    written.hash.end()
  }
}

interface Transfer {
  client: Client<boolean>
  fingerprint: string
  part: PartFile
  written: Written
  call: SaveCall
  received: number
  /** The server's name of the file. */
  named: string | undefined
  /** Bytes of the image by its record; undefined if unknown. */
  size: number | undefined
  /** Whether the server sent something that cannot be the image. */
  isOther: boolean
}

async function isWhole({ written, fingerprint }: Transfer): Promise<boolean> {
  return written.position > 0 && (await written.hash.digest()) === fingerprint
}

async function receive(transfer: Transfer): Promise<Extract<ImageExport, { kind: 'split' }> | undefined> {
  let continuedFrom = transfer.written.position
  for (let breaks = 0; ; ) {
    const before = transfer.written.position
    try {
      const exported = await openExport(transfer)
      if (exported.kind === 'split') return exported
      if (exported.start === 0) continuedFrom = 0
      await append(transfer, exported)
    } catch (error) {
      if (isBroken(error) && transfer.written.position > before && breaks++ < mostContinuations) continue
      throw resumable(transfer, error)
    }
    const actual = await transfer.written.hash.digest()
    if (actual === transfer.fingerprint) return undefined
    if (continuedFrom === 0) throw mismatch(transfer, actual)
    // The part was not the beginning of this image.
    await restart(transfer)
    continuedFrom = 0
  }
}

async function openExport(transfer: Transfer): Promise<ImageExport> {
  const { client, fingerprint, call, written, size } = transfer
  const { onProgress: _, ...rest } = call
  const options = { ...rest, size }
  const start = written.position
  const exported = await client.images
    .export(fingerprint, start === 0 ? options : { ...options, range: { start } })
    .catch((error: unknown) => {
      // The part is longer than the file, so it is not a part of it.
      if (start > 0 && isHyperkitError(error, 'invalid-argument')) return undefined
      throw error
    })
  if (exported === undefined) {
    await restart(transfer)
    return client.images.export(fingerprint, options)
  }
  if (exported.kind === 'unified' && exported.start !== start) {
    if (exported.start !== 0) {
      await exported.body.cancel()
      throw new TransportError(
        'unexpected-answer',
        `Cannot continue image ${shortFingerprint(fingerprint)} of "${client.name}" at byte ${start}: the server continues at ${exported.start}`,
        { server: client.name },
      )
    }
    await restart(transfer)
  }
  return exported
}

async function append(transfer: Transfer, exported: UnifiedExport): Promise<void> {
  const { part, written, call } = transfer
  transfer.named = exported.filename
  if (written.position === 0 && (exported.totalSize ?? 0) >= hashedBeside)
    replaceHash(written, hashBeside(part.path))
  const count = countProgress('save', exported.totalSize, call.onProgress, written.position)
  const onBytes = (bytes: number): void => {
    transfer.received += bytes
    count(bytes)
  }
  try {
    await writeBody(exported.body, part, written, onBytes, call.signal)
  } catch (error) {
    // The refusal of a body that is longer than the image. What a connection reports under this code, such as a fault of TLS, has a cause.
    transfer.isOther = isHyperkitError(error, 'unexpected-answer') && error.cause === undefined
    throw error
  }
}

async function restart({ part, written }: Transfer): Promise<void> {
  try {
    await part.handle.truncate(0)
  } catch (error) {
    throw writeFailure(part.restPath, error)
  }
  written.position = 0
  replaceHash(written, hashHere())
}

function replaceHash(written: Written, hash: RunningHash): void {
  written.hash.end()
  written.hash = hash
}

/** Hashes the part that exists already. */
async function hashPart(part: PartFile, written: Written, signal: AbortSignal | undefined): Promise<void> {
  const buffer = new Uint8Array(1024 * 1024)
  for (;;) {
    signal?.throwIfAborted()
    const { bytesRead } = await part.handle
      .read(buffer, 0, buffer.byteLength, written.position)
      .catch((error: unknown) => {
        throw writeFailure(part.restPath, error)
      })
    if (bytesRead === 0) return
    written.hash.take([buffer.subarray(0, bytesRead)])
    written.position += bytesRead
  }
}

function isBroken(error: unknown): boolean {
  return (
    isHyperkitError(error, 'interrupted') ||
    isHyperkitError(error, 'closed-without-answer') ||
    isHyperkitError(error, 'timeout')
  )
}

function resumable(transfer: Transfer, error: unknown): unknown {
  const { written, part } = transfer
  if (!(error instanceof TransportError) || written.position === 0 || transfer.isOther) return error
  return new TransportError(
    error.code,
    `${error.message}; ${written.position} bytes are kept in ${JSON.stringify(part.restPath)}: save again to continue there`,
    { cause: error, server: error.server, request: error.request },
  )
}

function mismatch({ client, fingerprint }: Transfer, actual: string): HyperkitError {
  return new FingerprintMismatchError(
    `Cannot save image ${fingerprint} of "${client.name}": the received file has the fingerprint ${actual}; it was discarded`,
    { server: client.name, expected: fingerprint, actual },
  )
}
