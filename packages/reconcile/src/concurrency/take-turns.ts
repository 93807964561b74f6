export interface Turns {
  /** Runs when all that was given the same key before has ended. */
  take<T>(key: string, run: () => Promise<T>): Promise<T>
}

/** One at a time for a key, in the order of asking. */
export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return {
    async take(key, run) {
      const before = last.get(key) ?? Promise.resolve()
      const mine = before.then(run, run)
      last.set(key, mine)
      try {
        return await mine
      } finally {
        if (last.get(key) === mine) last.delete(key)
      }
    },
  }
}
