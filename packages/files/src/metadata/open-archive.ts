import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { InspectedFile } from '../disk/inspect-file.ts'
import { openBytes } from '../disk/open-bytes.ts'
import type { FileFormat } from '../integrity/detect-format.ts'
import { limitZstdWindow } from './limit-zstd-window.ts'

/** The bytes of an archive as a tar, decompressed while they are read. Its reader may stop at any time. */
export type Archive = AsyncGenerator<Uint8Array>

type Open = (file: InspectedFile, action: string, limit: number) => Archive

/** How to decompress. The other formats that servers take have no decoder here. */
const decoders: Partial<Record<FileFormat, Open>> = {
  tar: (file, action) => piecesOf(() => openBytes(file, action)),
  gzip: gunzip,
  xz: unxz,
  zstd: unzstd,
}

/** There are more decompressed bytes than are read. */
export class TooFarError extends Error {}

/**
 * Opens an archive; undefined if its format cannot be decompressed here.
 *
 * @param limit decompressed bytes that are needed; the archive may end with a {@link TooFarError} after them
 */
export function openArchive(
  file: InspectedFile,
  format: FileFormat,
  action: string,
  limit: number,
): Archive | undefined {
  return decoders[format]?.(file, action, limit)
}

async function* piecesOf(open: () => Promise<ReadableStream<Uint8Array>>): Archive {
  const reader = (await open()).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

async function* gunzip(file: InspectedFile, action: string): Archive {
  const input = Readable.from(piecesOf(() => openBytes(file, action)))
  const output = createGunzip()
  // If the reader stops early, the source fails with an error that nobody needs.
  input.on('error', (error) => output.destroy(error))
  input.pipe(output)
  try {
    for await (const piece of output) yield piece as Uint8Array
  } finally {
    output.destroy()
    input.destroy()
  }
}

async function* unxz(file: InspectedFile, action: string): Archive {
  try {
    yield* decodeXz(file, action)
  } catch (error) {
    if (!(error instanceof Error && error.message.endsWith(`error code ${unknownOptions}`))) throw error
    throw new Error('an xz file with a SHA-256 check, or a filter such as --x86, is not decompressed here', {
      cause: error,
    })
  }
}

// XZ_OPTIONS_ERROR of xz-embedded, which knows LZMA2 alone, and checks by CRC32 and CRC64.
const unknownOptions = 6

function decodeXz(file: InspectedFile, action: string): Archive {
  const pieces = piecesOf(() => openBytes(file, action))
  const source = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next()
      // The decoder would wait for ever for the rest of a file that was cut.
      if (done) controller.error(new Error('the file ends in the middle of an xz stream'))
      else controller.enqueue(value)
    },
    async cancel() {
      await pieces.return(undefined)
    },
  })
  return piecesOf(async () => {
    // Decoders are loaded when they are needed. This one is CommonJS, whose names Bun finds and Node does not.
    const loaded: XzModule & { default?: XzModule } = await import('xz-decompress')
    const { XzReadableStream } = loaded.default ?? loaded
    return new XzReadableStream(source)
  })
}

type XzModule = typeof import('xz-decompress')

async function* unzstd(file: InspectedFile, action: string, limit: number): Archive {
  const { Decompress } = await import('fzstd')
  const decoded: Uint8Array[] = []
  let size = 0
  const guard = limitZstdWindow()
  const decoder = new Decompress((piece) => {
    size += piece.byteLength
    if (size > limit) throw new TooFarError()
    decoded.push(piece)
  })
  for await (const piece of piecesOf(() => openBytes(file, action))) {
    for (let at = 0; at < piece.byteLength; at += stepSize) {
      try {
        const step = piece.slice(at, at + stepSize)
        guard(step)
        decoder.push(step)
      } catch (error) {
        yield* decoded
        throw error
      }
      yield* decoded.splice(0)
    }
  }
}

// The decoder makes everything of one step at once. Four bytes can stand for 128 KiB, so a step can become 32 MiB.
const stepSize = 1024
