import type { RecordKind, Store } from '../store/store.ts'

/** Records of one kind, kept in memory for reading and written to the store. */
export interface Table<T> {
  get(key: string): T | undefined
  /** In the order of insertion. */
  values(): T[]
  put(value: T): Promise<void>
  delete(key: string): Promise<void>
}

export async function openTable<T>(
  store: Store,
  kind: RecordKind,
  keyOf: (value: T) => string,
): Promise<Table<T>> {
  const rows = (await store.readRecords(kind)) as Map<string, T>
  return {
    get: (key) => rows.get(key),
    values: () => [...rows.values()],
    async put(value) {
      const key = keyOf(value)
      // Memory first: two requests in one turn must not both find the key free (aliases are created atomically).
      const before = rows.get(key)
      rows.set(key, value)
      try {
        await store.writeRecord(kind, key, value)
      } catch (error) {
        if (rows.get(key) === value) {
          if (before === undefined) rows.delete(key)
          else rows.set(key, before)
        }
        throw error
      }
    },
    async delete(key) {
      rows.delete(key)
      await store.deleteRecord(kind, key)
    },
  }
}
