import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { draftOnDisk } from './draft-on-disk.ts'
import { createQueues } from './in-order.ts'
import { readFileStream } from './read-file-stream.ts'
import type { RecordKind, Store } from './store.ts'
import { syncFolder } from './sync-folder.ts'

/** One record in its form on disk. */
interface RecordFile {
  key: string
  /** Position among the records of its kind. */
  order: number
  value: unknown
}

/**
 * A store in a directory, which is created if it is missing. Images are streamed from and to the disk; every change is
 * written to a new file, synced and renamed, so that a killed process leaves the old state or the new one. Only one server at a
 * time may use it: nothing prevents a second one.
 *
 * @example
 * ```ts
 * const server = createImageServer({ dialect: 'lxd', store: directoryStore('./images') })
 * ```
 */
export function directoryStore(path: string): Store {
  const orders = new Map<string, number>()
  // Two changes of one record must reach the disk in their order.
  const inOrder = createQueues()
  const blobs = join(path, 'blobs')
  const drafts = join(path, 'drafts')
  const fileOf = (kind: RecordKind, key: string): string =>
    join(path, 'records', kind, `${createHash('sha256').update(key).digest('hex')}.json`)

  return {
    async readRecords(kind) {
      const files = await readRecordFiles(join(path, 'records', kind))
      for (const { key, order } of files) orders.set(fileOf(kind, key), order)
      return new Map(files.map(({ key, value }) => [key, value]))
    },
    writeRecord(kind, key, value) {
      const file = fileOf(kind, key)
      const order = orders.get(file) ?? Math.max(-1, ...orders.values()) + 1
      orders.set(file, order)
      const record: RecordFile = { key, order, value }
      return inOrder(file, () => replaceFile(file, JSON.stringify(record)))
    },
    deleteRecord(kind, key) {
      const file = fileOf(kind, key)
      orders.delete(file)
      return inOrder(file, () => rm(file, { force: true }))
    },
    draftBlob: () => draftOnDisk(drafts, blobs),
    async openBlob(name) {
      const file = join(blobs, name)
      const found = await stat(file).catch(() => undefined)
      if (found === undefined) return undefined
      const { size, mtime: modifiedAt } = found
      return { size, modifiedAt, read: (start = 0, end = size) => readFileStream(file, start, end) }
    },
    deleteBlob: (name) => rm(join(blobs, name), { force: true }),
    async sweep(keep) {
      await rm(drafts, { recursive: true, force: true })
      const present = await readdir(blobs).catch(() => [])
      for (const name of present) if (!keep.has(name)) await rm(join(blobs, name), { force: true })
    },
  }
}

async function readRecordFiles(folder: string): Promise<RecordFile[]> {
  const names = await readdir(folder).catch(() => [])
  const records: RecordFile[] = []
  for (const name of names) {
    // Files that a killed process had not renamed yet.
    if (!name.endsWith('.json')) await rm(join(folder, name), { force: true })
    else records.push(JSON.parse(await readFile(join(folder, name), 'utf8')) as RecordFile)
  }
  return records.sort((a, b) => a.order - b.order)
}

async function replaceFile(file: string, text: string): Promise<void> {
  const folder = join(file, '..')
  await mkdir(folder, { recursive: true })
  const beside = `${file}.new`
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, file)
  await syncFolder(folder)
}
