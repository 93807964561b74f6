/** Gives what was read under a key, or is being read. What failed is read again only by another reader, so that errors name the right one. */
export type ReadOnce = <Result>(key: string, reader: string, read: () => Promise<Result>) => Promise<Result>

interface Reading {
  reader: string
  result: Promise<unknown>
}

/** Reads everything once, for as long as it lives. All readers share one signal. */
export function createReadOnce(): ReadOnce {
  const readings = new Map<string, Reading>()
  return async <Result>(key: string, reader: string, read: () => Promise<Result>): Promise<Result> => {
    for (;;) {
      const known = readings.get(key)
      if (known === undefined) {
        const result = read()
        readings.set(key, { reader, result })
        return result
      }
      try {
        // What is under a key is always of one type.
        return (await known.result) as Result
      } catch (error) {
        if (known.reader === reader) throw error
        if (readings.get(key) === known) readings.delete(key)
      }
    }
  }
}
