import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { createGunzip } from 'node:zlib'
import type { Compression } from './detect-compression.ts'

/** The tar in a compressed stream. Stopping early ends the program that unpacks it. */
export async function* unpack(
  compressed: ReadableStream<Uint8Array>,
  { unpack: how }: Compression,
): AsyncGenerator<Uint8Array> {
  if (how === 'none') return yield* compressed
  const input = Readable.fromWeb(compressed as unknown as NodeStream)
  // If the reader stops early, the source fails with an error that no one needs.
  input.on('error', () => {})
  try {
    yield* how === 'gzip' ? gunzip(input) : runProgram(input, how)
  } finally {
    input.destroy()
  }
}

async function* gunzip(input: Readable): AsyncGenerator<Uint8Array> {
  const output = createGunzip()
  input.on('error', (error) => output.destroy(error))
  input.pipe(output)
  try {
    for await (const chunk of output) yield chunk as Uint8Array
  } catch (error) {
    throw new Error(isCut(error) ? 'unexpected EOF' : 'gzip: invalid header', { cause: error })
  } finally {
    output.destroy()
  }
}

function isCut(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 'Z_BUF_ERROR'
}

async function* runProgram(
  input: Readable,
  [program, ...args]: readonly [string, ...string[]],
): AsyncGenerator<Uint8Array> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const failed = new Promise<never>((_resolve, reject) => {
    child.on('error', (error) => {
      reject(new Error(`exec: "${program}": executable file not found in $PATH`, { cause: error }))
    })
  })
  failed.catch(() => {})
  // The program closes its input when it has been stopped.
  child.stdin.on('error', () => {})
  input.pipe(child.stdin)
  const chunks = child.stdout[Symbol.asyncIterator]()
  try {
    for (;;) {
      const step = await Promise.race([chunks.next(), failed])
      if (step.done === true) return
      yield step.value as Uint8Array
    }
  } finally {
    child.kill()
  }
}
