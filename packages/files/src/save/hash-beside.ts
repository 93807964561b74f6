import { Worker } from 'node:worker_threads'
import { fingerprintOf } from '../fingerprint/fingerprint-of.ts'
import type { RunningHash } from './running-hash.ts'

/**
 * Hashes a file in a thread of its own, which reads the part that is stored already. Receiving continues meanwhile, and the bytes
 * that are verified are those that the disk returns.
 */
export function hashBeside(path: string): RunningHash {
  // The number of bytes stored, or its complement when no more will follow. It is one word, so that the thread can wait for both.
  const progress = new BigInt64Array(new SharedArrayBuffer(8))
  const announce = (value: bigint): void => {
    Atomics.store(progress, 0, value)
    Atomics.notify(progress, 0)
  }
  const thread = startThread({ path, progress })
  let position = 0
  return {
    take: () => undefined,
    stored(to) {
      position = to
      announce(BigInt(to))
    },
    async digest() {
      announce(~BigInt(position))
      // Without threads, or if the thread could not read the file, it is read again here, and an error is reported.
      return (await thread.result()) ?? (await fingerprintOf(path)).fingerprint
    },
    end: () => announce(~0n),
  }
}

interface Followed {
  path: string
  progress: BigInt64Array
}

function startThread(workerData: Followed): { result(): Promise<string | undefined> } {
  try {
    // The thread runs from text, because a bundle would not contain a separate module for it.
    const worker = new Worker(`(${followFile})()`, { eval: true, workerData })
    const outcome = new Promise<string | undefined>((resolve) => {
      worker.once('message', resolve)
      worker.once('error', () => resolve(undefined))
      worker.once('exit', () => resolve(undefined))
    })
    worker.unref()
    return {
      result() {
        worker.ref()
        return outcome
      },
    }
  } catch {
    return { result: async () => undefined }
  }
}

/** Runs in the thread, from its source text, so it cannot use anything outside of itself. */
function followFile(): void {
  const { process } = globalThis
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
  const { closeSync, openSync, readSync } = process.getBuiltinModule('node:fs')
  const { path, progress } = workerData as Followed
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256')
  const buffer = new Uint8Array(256 * 1024)
  const file = openSync(path, 'r')
  let position = 0
  for (;;) {
    const announced = Atomics.load(progress, 0)
    const stored = Number(announced < 0n ? ~announced : announced)
    while (position < stored) {
      const count = readSync(file, buffer, 0, Math.min(buffer.byteLength, stored - position), position)
      if (count === 0) throw new Error('the file has become shorter')
      hash.update(buffer.subarray(0, count))
      position += count
    }
    if (announced < 0n) break
    Atomics.wait(progress, 0, announced)
  }
  closeSync(file)
  parentPort?.postMessage(hash.digest('hex'))
}
