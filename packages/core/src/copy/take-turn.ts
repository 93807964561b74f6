// Kept for the whole process: several clients of one process can copy the same image to the same server, and know nothing of each
// other.
const busy = new Map<string, Promise<void>>()

/**
 * Runs work with the same key one after the other, within this process.
 *
 * @throws the signal's reason if it is aborted before the work begins
 */
export async function takeTurn<T>(
  key: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (let before = busy.get(key); before !== undefined; before = busy.get(key)) await either(before, signal)
  signal?.throwIfAborted()
  let end = (): void => {}
  busy.set(
    key,
    new Promise((resolve) => {
      end = resolve
    }),
  )
  try {
    return await work()
  } finally {
    busy.delete(key)
    end()
  }
}

async function either(before: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return before
  let stop = (): void => {}
  const aborted = new Promise<void>((resolve) => {
    stop = resolve
    signal.addEventListener('abort', stop, { once: true })
  })
  await Promise.race([before, aborted])
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
}
