import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { HyperkitError } from '@hyperkit/core'
import type { Manifest } from './manifest.ts'
import { parseManifest } from './parse-manifest.ts'

/**
 * Reads a manifest from disk.
 *
 * @throws {ManifestError} with everything that is wrong in it
 * @throws {HyperkitError} `file-unreadable`
 */
export async function loadManifest(path: string): Promise<Manifest> {
  const absolute = resolve(path)
  const text = await readFile(absolute, 'utf8').catch((cause: unknown) => {
    throw new HyperkitError('file-unreadable', `Cannot read manifest "${path}": ${reasonOf(cause)}`, {
      cause,
    })
  })
  return parseManifest({ file: path, text, folder: dirname(absolute) })
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not read it'
  return cause instanceof Error ? cause.message : String(cause)
}
