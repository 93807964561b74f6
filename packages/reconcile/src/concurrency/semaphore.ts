export interface Semaphore {
  /** Waits for a free place; each caller releases it once. */
  acquire(): Promise<void>
  release(): void
  /** Runs a task in a place of its own. */
  run<T>(task: () => Promise<T>): Promise<T>
}

/** At most `count` callers at a time, in the order in which they asked. */
export function createSemaphore(count: number): Semaphore {
  let free = count
  const waiting: (() => void)[] = []
  const acquire = (): Promise<void> => {
    if (free === 0) return new Promise((resolve) => waiting.push(resolve))
    free--
    return Promise.resolve()
  }
  const release = (): void => {
    const next = waiting.shift()
    if (next === undefined) free++
    else next()
  }
  return {
    acquire,
    release,
    async run(task) {
      await acquire()
      return task().finally(release)
    },
  }
}
