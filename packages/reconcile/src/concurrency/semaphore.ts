export interface Semaphore {
  /** Waits for a free place; each caller releases it once. */
  acquire(): Promise<void>
  release(): void
}

/** At most `count` callers at a time, in the order in which they asked. */
export function createSemaphore(count: number): Semaphore {
  let free = count
  const waiting: (() => void)[] = []
  return {
    acquire() {
      if (free === 0) return new Promise((resolve) => waiting.push(resolve))
      free--
      return Promise.resolve()
    },
    release() {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    },
  }
}
