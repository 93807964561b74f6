import type { Stats } from 'node:fs'
import { lstat, readlink, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { errorCode, writeFailure } from '../disk/disk-failure.ts'

/** What a path leads to, with all symbolic links followed. */
export type Place =
  /** A regular file, or a name that is free. */
  | { kind: 'file'; path: string; found: Stats | undefined }
  /** A device or a FIFO, or what another process has opened: it is written to, and never replaced. */
  | { kind: 'stream'; path: string }
  /** A descriptor of this process, for example 1 for `/dev/stdout`. */
  | { kind: 'descriptor'; path: string; descriptor: number }

// As many as Linux follows.
const mostLinks = 40

/**
 * Finds what a path leads to. The last links are followed here, so that the file they lead to can be replaced and the links stay.
 * `/dev/stdout` is not followed further: the file behind it is open already, and must not be replaced under its other writers.
 *
 * @param action what will be done with the path, for the error; `write` by default
 * @throws HyperkitError `file-unwritable`
 */
export async function findPlace(path: string, action?: string): Promise<Place> {
  try {
    let at = path
    for (let links = 0; links < mostLinks; links++) {
      const descriptor = descriptorOf(at)
      if (descriptor !== undefined) return { kind: 'descriptor', path, descriptor }
      const found = await lstat(at).catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return undefined
        throw error
      })
      if (found?.isDirectory()) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' })
      if (found?.isSocket()) throw new Error('it is a socket')
      if (!found?.isSymbolicLink()) {
        const isFile = found === undefined || found.isFile()
        return isFile ? { kind: 'file', path: at, found } : { kind: 'stream', path: at }
      }
      // A link of another process, which names no path: "pipe:[4026]".
      if (/^\/proc\/\d+\/(?:task\/\d+\/)?fd\/\d+$/.test(at)) return { kind: 'stream', path: at }
      at = await follow(at)
    }
  } catch (error) {
    throw writeFailure(path, error, '', action)
  }
  throw writeFailure(path, Object.assign(new Error('too many links'), { code: 'ELOOP' }), '', action)
}

async function follow(link: string): Promise<string> {
  const target = await readlink(link)
  // What is relative in a link is relative to the directory that the link is in, which may itself be reached through links.
  return target.startsWith('/') ? target : join(await realpath(dirname(link)), target)
}

function descriptorOf(path: string): number | undefined {
  const standard = /^\/dev\/(stdin|stdout|stderr)$/.exec(path)?.[1]
  if (standard !== undefined) return ['stdin', 'stdout', 'stderr'].indexOf(standard)
  const own = new RegExp(`^/(?:dev|proc/(?:self|thread-self|${process.pid}))/fd/(\\d+)$`).exec(path)?.[1]
  return own === undefined ? undefined : Number(own)
}
