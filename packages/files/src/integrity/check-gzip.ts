import { Buffer } from 'node:buffer'
import { createGunzip } from 'node:zlib'
import type { RandomBytes } from './random-bytes.ts'

const pieceSize = 1024 * 1024

/**
 * Judges a gzip file by inflating it, since nothing at its end tells that it is whole. Several members may follow one another;
 * what comes after the last one is ignored, as gzip does.
 *
 * @returns what is wrong, or undefined if the file is whole
 */
export async function checkGzip(
  bytes: RandomBytes,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const inflating = createGunzip()
  const ended = new Promise<string | undefined>((resolve) => {
    inflating.on('data', () => undefined)
    inflating.on('end', () => resolve(undefined))
    inflating.on('error', (error: Error & { code?: string }) =>
      resolve(
        error.code === 'Z_BUF_ERROR' || /unexpected end/i.test(error.message)
          ? 'its end is missing: its last member is not complete'
          : `it cannot be inflated: ${error.message}`,
      ),
    )
  })
  let goOn = (): void => undefined
  inflating.on('close', () => goOn())
  try {
    for (let at = 0; at < bytes.size && !inflating.destroyed; at += pieceSize) {
      signal?.throwIfAborted()
      const piece = Buffer.from(await bytes.read(at, Math.min(pieceSize, bytes.size - at)))
      await new Promise<void>((resolve) => {
        // A listener for each piece would be one too many for Node and Bun from the 11th MiB on, and they warn of it.
        goOn = resolve
        inflating.write(piece, () => resolve())
      })
    }
    inflating.end()
    return await ended
  } finally {
    inflating.destroy()
  }
}
