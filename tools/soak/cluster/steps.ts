/** Thrown if a step of the soak does not end in time. */
export class HungError extends Error {
  override readonly name = 'HungError'
}

/** Ends the steps of a soak: all at once when it is interrupted, and each one that takes too long. */
export interface Steps {
  readonly signal: AbortSignal
  /**
   * Does a step; it gets a signal that ends it.
   *
   * @throws {HungError} if it has not ended after so many seconds, with what `explain` says
   */
  within<T>(name: string, seconds: number, step: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** @param explain what can be said of a step that hangs */
export function createSteps(signal: AbortSignal, explain: () => Promise<string>): Steps {
  return {
    signal,
    async within(name, seconds, step) {
      signal.throwIfAborted()
      const late = new AbortController()
      const ends = AbortSignal.any([signal, late.signal])
      let timer: ReturnType<typeof setTimeout> | undefined
      let interrupt: () => void = () => undefined
      const isLate = new Promise<never>((_, reject) => {
        timer = setTimeout(async () => {
          const details = await explain().catch(String)
          const error = new HungError(`${name} has not ended after ${seconds} s\n${details}`)
          reject(error)
          late.abort(error)
        }, seconds * 1000)
        interrupt = () => reject(signal.reason)
        signal.addEventListener('abort', interrupt, { once: true })
      })
      try {
        return await Promise.race([step(ends), isLate])
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', interrupt)
      }
    },
  }
}
