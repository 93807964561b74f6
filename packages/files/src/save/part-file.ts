import { randomBytes } from 'node:crypto'
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { errorCode, writeFailure } from '../disk/disk-failure.ts'

/**
 * An unfinished file that is ours alone while we write it.
 *
 * At rest it is `<stem>.part`. Who continues it renames it to a name of its own, `<stem>.<pid>-<random>.part`; of two that
 * try, the system lets one. The other begins anew beside it, so two savers of one image never write into one file.
 */
export interface PartFile {
  /** As it is called while it is written. */
  path: string
  /** As it is called at rest. */
  restPath: string
  handle: FileHandle
}

// Those of this process, because a dead process may have had our pid.
const held = new Set<string>()

/** Takes what an earlier time left, also of a process that was killed; else makes a fresh one. */
export async function claimPart(stem: string): Promise<PartFile> {
  const restPath = `${stem}.part`
  const path = `${stem}.${process.pid}-${randomBytes(4).toString('hex')}.part`
  held.add(path)
  try {
    const found = (await take(restPath, path)) || (await takeOrphan(stem, path))
    return { path, restPath, handle: await open(path, found ? 'r+' : 'wx+') }
  } catch (error) {
    held.delete(path)
    throw writeFailure(restPath, error)
  }
}

/** Leaves it to be continued. */
export async function leavePart(part: PartFile): Promise<void> {
  try {
    const { size } = await part.handle.stat()
    await part.handle.close()
    if (size === 0) await rm(part.path, { force: true })
    else await rename(part.path, part.restPath)
  } catch {
    // Under its own name it is found next time too.
  } finally {
    held.delete(part.path)
  }
}

export async function removePart(part: PartFile): Promise<void> {
  await part.handle.close().catch(() => undefined)
  await rm(part.path, { force: true }).catch(() => undefined)
  held.delete(part.path)
}

/** Puts the bytes on the disk for good; the name is still that of a part. */
export async function syncPart(part: PartFile): Promise<void> {
  try {
    await part.handle.sync()
    await part.handle.close()
  } catch (error) {
    throw writeFailure(part.restPath, error)
  }
}

/** Gives it its name, at once and for good; what had the name before is gone only then. */
export async function namePart(part: PartFile, path: string): Promise<void> {
  try {
    await rename(part.path, path)
    held.delete(part.path)
    await syncDirectory(dirname(path))
  } catch (error) {
    throw writeFailure(path, error)
  }
}

async function take(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

async function takeOrphan(stem: string, path: string): Promise<boolean> {
  const directory = dirname(stem)
  const prefix = `${basename(stem)}.`
  for (const name of await readdir(directory)) {
    const owner = name.startsWith(prefix)
      ? /^(\d+)-[0-9a-f]{8}\.part$/.exec(name.slice(prefix.length))?.[1]
      : undefined
    if (owner === undefined || isAlive(Number(owner), join(directory, name))) continue
    if (await take(join(directory, name), path)) return true
  }
  return false
}

function isAlive(pid: number, path: string): boolean {
  if (pid === process.pid) return held.has(path)
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) !== 'ESRCH'
  }
}

async function syncDirectory(directory: string): Promise<void> {
  // Not every system opens a directory (Windows does not); there the rename itself has to do.
  const handle = await open(directory, 'r').catch(() => undefined)
  try {
    await handle?.sync().catch(() => undefined)
  } finally {
    await handle?.close().catch(() => undefined)
  }
}
