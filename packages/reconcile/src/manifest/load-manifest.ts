import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import type { Environment } from './expand-variables.ts'
import type { Manifest } from './manifest.ts'
import { parseManifests } from './parse-manifest.ts'

/** A file that went into a manifest. */
export interface LoadedFile {
  /** The name that errors use. */
  file: string
  /** SHA-256 of its text, before environment variables were filled in. */
  sha256: string
}

/** A manifest as it was read from disk, with what later steps need to know about its files. */
export interface LoadedManifest extends Manifest {
  /** Files and folders, as they were given. The lock file is next to the first one; a watch reads them again. */
  paths: string[]
  /** Every file that was read, in order. */
  files: LoadedFile[]
}

/** Options of {@link loadManifest}. */
export interface LoadManifestOptions {
  /** For `${NAME}` in values. @default the environment of the process */
  environment?: Environment | undefined
}

/**
 * Reads a manifest from disk: a file, a folder, or several of these that belong together. From a folder it reads all
 * `*.yaml` and `*.yml` files in the order of their names, except lock files (`*.lock.yaml`).
 *
 * @throws {ManifestError} with everything that is wrong in it
 * @throws {HyperkitError} `file-unreadable`, `invalid-configuration`
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * console.log(manifest.images.map(({ name }) => name))
 * ```
 */
export async function loadManifest(
  paths: string | readonly string[],
  { environment = process.env }: LoadManifestOptions = {},
): Promise<LoadedManifest> {
  const given = typeof paths === 'string' ? [paths] : [...paths]
  const files = (await Promise.all(given.map(listFiles))).flat()
  const twice = files.find(
    (file, index) => files.findIndex((other) => resolve(other) === resolve(file)) < index,
  )
  if (twice !== undefined)
    throw new HyperkitError('invalid-configuration', `Cannot read manifest "${twice}" twice: give it once`)
  const texts = await Promise.all(
    files.map(async (file) => {
      const text = readText(await readFile(resolve(file)).catch(refuse(file)), file)
      return { file, text, folder: dirname(resolve(file)), environment }
    }),
  )
  return {
    ...parseManifests(texts, given.join(', ')),
    paths: given,
    files: texts.map(({ file, text }) => ({ file, sha256: createHash('sha256').update(text).digest('hex') })),
  }
}

/** Anything but UTF-8 would be read as YAML with the wrong characters, and the errors would mislead the user. */
function readText(bytes: Uint8Array, file: string): string {
  const refuseText = (why: string): never => {
    throw new HyperkitError('file-unreadable', `Cannot read manifest "${file}": ${why}`)
  }
  if (bytes[0] === 0xff && bytes[1] === 0xfe) refuseText('the file is UTF-16; save it as UTF-8')
  if (bytes.includes(0)) refuseText('the file is not text')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuseText('the file is not valid UTF-8; save it as UTF-8')
  }
}

async function listFiles(path: string): Promise<string[]> {
  const isFolder = (await stat(resolve(path)).catch(refuse(path))).isDirectory()
  if (!isFolder) return [path]
  const names = await readdir(resolve(path)).catch(refuse(path))
  const files = names.filter((name) => /^[^.].*(?<!\.lock)\.ya?ml$/.test(name)).sort()
  if (files.length === 0)
    throw new HyperkitError(
      'file-unreadable',
      `Cannot read manifest "${path}": the directory contains no *.yaml or *.yml file`,
    )
  return files.map((name) => join(path, name))
}

function refuse(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new HyperkitError('file-unreadable', `Cannot read manifest "${path}": ${reasonOf(cause)}`, {
      cause,
    })
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a directory'
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied'
  return messageOf(cause)
}
