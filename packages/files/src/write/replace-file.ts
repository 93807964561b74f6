import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import process from 'node:process'
import { writeFailure } from '../disk/disk-failure.ts'
import { findPlace, type Place } from './find-place.ts'
import { openStream } from './open-stream.ts'

/** Options of {@link replaceFile}. */
export interface ReplaceFileOptions {
  signal?: AbortSignal | undefined
  /** The permissions of the file. @default those of the file that is replaced, else 0o666 less the umask */
  mode?: number | undefined
  /** Whether to replace a file that exists. @default true */
  force?: boolean | undefined
  /** What is tried with the path, for the error. @default 'write' */
  action?: string | undefined
}

/** What is written. A function is called when it is certain that the directory can be written to. */
export type FileContent = string | Uint8Array | (() => Promise<string>)

/**
 * Writes a file whole or not at all, to where the user pointed. Readers find the old file until the new one is complete. A symbolic
 * link stays, and the file that it leads to is replaced; a device, a FIFO or `/dev/stdout` is written to.
 *
 * @throws HyperkitError `file-unwritable`; its cause has the code `EEXIST` if there is a file that `force: false` protects
 */
export async function replaceFile(
  path: string,
  content: FileContent,
  { signal, mode, force = true, action }: ReplaceFileOptions = {},
): Promise<void> {
  const place = await findPlace(path, action)
  const failure = (error: unknown): Error => writeFailure(path, error, '', action)
  if (place.kind === 'file') return writeWhole({ ...place, content, mode, force, failure })
  const bytes = await read(content)
  try {
    const stream = await openStream(place, signal)
    await stream.write(bytes).finally(() => stream.close())
  } catch (error) {
    signal?.throwIfAborted()
    throw failure(error)
  }
}

interface WholeFile extends Extract<Place, { kind: 'file' }> {
  content: FileContent
  mode: number | undefined
  force: boolean
  failure: (error: unknown) => Error
}

async function writeWhole(whole: WholeFile): Promise<void> {
  const { path, found, force, failure } = whole
  const mode = whole.mode ?? (found === undefined ? 0o666 : 0o600)
  // A new file gets its name at once, so that of two processes one is refused.
  const at = force ? `${path}.${randomBytes(4).toString('hex')}.part` : path
  const file = await open(at, 'wx', mode).catch((error: unknown) => {
    throw failure(error)
  })
  try {
    await fill(file, whole).finally(() => file.close())
    if (at !== path)
      await rename(at, path).catch((error: unknown) => {
        throw failure(error)
      })
  } catch (error) {
    await rm(at, { force: true })
    throw error
  }
}

/** Writes and stores the content. An error of a `content` function is thrown unchanged. */
async function fill(file: FileHandle, { content, found, mode, failure }: WholeFile): Promise<void> {
  const bytes = await read(content)
  try {
    await file.writeFile(bytes)
    if (found !== undefined) {
      // If root replaces a file, it stays its owner's. Nobody else can give a file away.
      const isOwn = found.uid === (await file.stat()).uid
      if (!isOwn && process.geteuid?.() === 0) await file.chown(found.uid, found.gid)
      if (mode === undefined) await file.chmod(found.mode & 0o7777)
    }
    await file.sync()
  } catch (error) {
    throw failure(error)
  }
}

async function read(content: FileContent): Promise<Uint8Array> {
  const given = typeof content === 'function' ? await content() : content
  return typeof given === 'string' ? new TextEncoder().encode(given) : given
}
