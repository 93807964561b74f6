import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { errorCode, writeFailure } from '../disk/disk-failure.ts'

/**
 * An unfinished file that no other call or process writes.
 *
 * While nothing writes it, its name is `<stem>.part`. To continue it, a call renames it to a name of its own,
 * `<stem>.<pid>-<random>.part`. If two calls try that, the system lets one succeed, and the other starts a new file, so two calls that
 * save one image never write to the same file.
 */
export interface PartFile {
  /** Its path while it is written. */
  path: string
  /** Its path while nothing writes it. */
  restPath: string
  handle: FileHandle
}

// The parts that this process writes. It belongs to the process, as its pid does: a part with this pid that is not in the set was left
// by a dead process that had the same pid.
const held = new Set<string>()

/** Takes a part that an earlier call left, or a process that was killed; else makes a new one. */
export async function claimPart(stem: string): Promise<PartFile> {
  const restPath = `${stem}.part`
  const path = `${stem}.${process.pid}-${randomBytes(4).toString('hex')}.part`
  held.add(path)
  try {
    const found = (await take(restPath, path)) ?? (await takeOrphan(stem, path))
    return { path, restPath, handle: found ?? (await open(path, 'wx+')) }
  } catch (error) {
    held.delete(path)
    throw writeFailure(restPath, error)
  }
}

/** Closes a part, so that a later call can continue it. */
export async function leavePart(part: PartFile): Promise<void> {
  try {
    const { size } = await part.handle.stat()
    await part.handle.close()
    if (size === 0) await rm(part.path, { force: true })
    else await rename(part.path, part.restPath)
  } catch {
    // A later call finds it under its present name too.
  } finally {
    held.delete(part.path)
  }
}

export async function removePart(part: PartFile): Promise<void> {
  await part.handle.close().catch(() => undefined)
  await rm(part.path, { force: true }).catch(() => undefined)
  held.delete(part.path)
}

/** Makes sure that the bytes are on the disk. The file still has the name of a part. */
export async function syncPart(part: PartFile): Promise<void> {
  try {
    await part.handle.sync()
    await part.handle.close()
  } catch (error) {
    throw writeFailure(part.restPath, error)
  }
}

/** Gives a part its final name in one step, which replaces a file that had the name before. */
export async function namePart(part: PartFile, path: string): Promise<void> {
  try {
    await rename(part.path, path)
    held.delete(part.path)
    await syncDirectory(dirname(path))
  } catch (error) {
    throw writeFailure(path, error)
  }
}

/**
 * Opens a part under a new name, if it is a regular file of this user. What somebody else has put there is left alone: a link, or a
 * second name, would lead to a file that the image would overwrite.
 */
async function take(from: string, to: string): Promise<FileHandle | undefined> {
  try {
    if (!isOwn(await lstat(from))) return undefined
    await rename(from, to)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
  const handle = await open(to, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0))
  if (isOwn(await handle.stat())) return handle
  await handle.close()
  throw Object.assign(new Error('another process has changed it meanwhile'), { code: 'EBUSY' })
}

function isOwn(found: Stats): boolean {
  if (!found.isFile() || found.nlink !== 1) return false
  try {
    return found.uid === (process.geteuid?.() ?? found.uid)
  } catch {
    // Deno says who the user is only with a permission.
    return false
  }
}

async function takeOrphan(stem: string, path: string): Promise<FileHandle | undefined> {
  const directory = dirname(stem)
  const prefix = `${basename(stem)}.`
  for (const name of await readdir(directory)) {
    const owner = name.startsWith(prefix)
      ? /^(\d+)-[0-9a-f]{8}\.part$/.exec(name.slice(prefix.length))?.[1]
      : undefined
    if (owner === undefined || isAlive(Number(owner), join(directory, name))) continue
    const taken = await take(join(directory, name), path)
    if (taken !== undefined) return taken
  }
  return undefined
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
  // Some systems, such as Windows, cannot open a directory. There the rename has to be enough.
  const handle = await open(directory, 'r').catch(() => undefined)
  try {
    await handle?.sync().catch(() => undefined)
  } finally {
    await handle?.close().catch(() => undefined)
  }
}
