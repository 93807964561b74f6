export interface Slots {
  /** Waits for a free slot; who entered leaves once. */
  enter(): Promise<void>
  leave(): void
}

/** So many at a time, in the order of asking. */
export function createSlots(count: number): Slots {
  let free = count
  const waiting: (() => void)[] = []
  return {
    enter() {
      if (free === 0) return new Promise((resolve) => waiting.push(resolve))
      free--
      return Promise.resolve()
    },
    leave() {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    },
  }
}
