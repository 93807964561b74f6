/** Runs tasks of one key one at a time, in the order in which they were given; tasks of different keys run side by side. */
export interface KeyedMutex {
  /** Runs the task when those given before for this key have ended, however they ended, and resolves or rejects as it does. */
  run<T>(key: string, task: () => Promise<T>): Promise<T>
  /** Whether a task of this key runs, so that the next one has to wait. */
  isTaken(key: string): boolean
}

/** Creates a {@link KeyedMutex}. */
export function createKeyedMutex(): KeyedMutex {
  const last = new Map<string, Promise<unknown>>()
  return {
    async run(key, task) {
      const before = last.get(key) ?? Promise.resolve()
      const mine = before.then(task, task)
      last.set(key, mine)
      try {
        return await mine
      } finally {
        if (last.get(key) === mine) last.delete(key)
      }
    },
    isTaken: (key) => last.has(key),
  }
}
