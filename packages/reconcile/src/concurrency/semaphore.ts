export interface Semaphore {
  /** Waits for a free place; each caller releases it once. */
  acquire(): Promise<void>
  release(): void
  /**
   * Runs a task in a place of its own.
   *
   * @param lateAfter milliseconds after which the task goes on without its place, so that tasks that hang do not keep others out. @default never
   */
  run<T>(task: () => Promise<T>, lateAfter?: number): Promise<T>
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
    async run(task, lateAfter) {
      await acquire()
      let isHeld = true
      const leave = (): void => {
        if (isHeld) release()
        isHeld = false
      }
      const timer = lateAfter === undefined ? undefined : setTimeout(leave, lateAfter)
      return task().finally(() => {
        clearTimeout(timer)
        leave()
      })
    },
  }
}
