import { inSeconds } from './in-seconds.ts'

/**
 * Settles as a read of a body does, or rejects if that takes too long: a server that sends half a body and then nothing would otherwise
 * be waited for without end.
 *
 * @param milliseconds `false` for no limit
 */
export async function limitSilence<Result>(
  read: Promise<Result>,
  milliseconds: number | false | undefined,
): Promise<Result> {
  if (milliseconds === undefined || milliseconds === false) return read
  let timer: ReturnType<typeof setTimeout> | undefined
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(silence(milliseconds)), milliseconds)
  })
  try {
    return await Promise.race([read, silent])
  } finally {
    clearTimeout(timer)
  }
}

/** The failure of a body of which nothing arrived, or was taken, for too long. */
export function silence(milliseconds: number): Error {
  return Object.assign(new Error(`no byte for ${inSeconds(milliseconds)}`), { code: 'UND_ERR_BODY_TIMEOUT' })
}
