import { Worker } from 'node:worker_threads'
import { fingerprintOf } from '../fingerprint/fingerprint-of.ts'
import type { RunningHash } from './running-hash.ts'

/**
 * Hashes a file in a thread of its own, which reads what is stored of it: receiving goes on meanwhile, and what is verified
 * is what the disk gives back.
 */
export function hashBeside(path: string): RunningHash {
  // Bytes stored; their complement once no more will come. One word, so that the thread can wait for either.
  const progress = new BigInt64Array(new SharedArrayBuffer(8))
  const tell = (value: bigint): void => {
    Atomics.store(progress, 0, value)
    Atomics.notify(progress, 0)
  }
  const thread = startThread({ path, progress })
  let position = 0
  return {
    take: () => undefined,
    stored(to) {
      position = to
      tell(BigInt(to))
    },
    async digest() {
      tell(~BigInt(position))
      // Without threads, or where the thread could not read: here it is read again, with the error that this gives.
      return (await thread.result()) ?? (await fingerprintOf(path)).fingerprint
    },
    end: () => tell(~0n),
  }
}

interface Followed {
  path: string
  progress: BigInt64Array
}

function startThread(workerData: Followed): { result(): Promise<string | undefined> } {
  try {
    // As text, because a module beside this one would not be found in a bundle.
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

/** Runs in the thread, from its text: nothing outside of it is there. */
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
    const told = Atomics.load(progress, 0)
    const stored = Number(told < 0n ? ~told : told)
    while (position < stored) {
      const count = readSync(file, buffer, 0, Math.min(buffer.byteLength, stored - position), position)
      if (count === 0) throw new Error('the file has become shorter')
      hash.update(buffer.subarray(0, count))
      position += count
    }
    if (told < 0n) break
    Atomics.wait(progress, 0, told)
  }
  closeSync(file)
  parentPort?.postMessage(hash.digest('hex'))
}
