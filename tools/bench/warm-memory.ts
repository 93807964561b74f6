import { open, rm } from 'node:fs/promises'

const piece = new Uint8Array(4 * 1024 * 1024)

/**
 * Makes the system hold as much memory for files as the next run needs. A virtual machine returns unused memory to its host,
 * so the first run would also measure the time to get it back (2 s for 1 GiB on one machine).
 *
 * @param path of a file that is created and removed
 */
export async function warmMemory(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w')
  try {
    for (let at = 0; at < bytes; at += piece.byteLength) await file.write(piece, 0, piece.byteLength, at)
    await file.sync()
  } finally {
    await file.close()
    await rm(path)
  }
}
