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
  /** Takes a place at once, also if none is free: then places are overdrawn, and no caller gets in until enough of them are released. */
  reclaim(): void
  /** Whether more places are taken than there are. */
  isOverdrawn(): boolean
  /** Whether a caller waits for a place. */
  isWanted(): boolean
}

/** At most `count` callers at a time, in the order in which they asked. */
export function createSemaphore(count: number): Semaphore {
  let free = count
  const waiting: (() => void)[] = []
  const acquire = (): Promise<void> => {
    if (free <= 0) return new Promise((resolve) => waiting.push(resolve))
    free--
    return Promise.resolve()
  }
  const release = (): void => {
    const next = free < 0 ? undefined : waiting.shift()
    if (next === undefined) free++
    else next()
  }
  return {
    acquire,
    release,
    reclaim: () => void free--,
    isOverdrawn: () => free < 0,
    isWanted: () => waiting.length > 0,
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
