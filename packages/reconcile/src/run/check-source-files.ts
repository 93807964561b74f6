import { stat } from 'node:fs/promises'
import { isHyperkitError } from '@hyperkit/core'
import { checkImageFiles } from '@hyperkit/files'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import type { ImageFiles } from '../documents/plan.ts'
import type { Manifest } from '../manifest/manifest.ts'
import type { Problem } from '../manifest/manifest-error.ts'
import type { FileSource } from '../manifest/source.ts'
import { fingerprintFolder } from '../sources/download-folder.ts'
import { filesOf } from '../sources/read-files.ts'

/** How {@link checkSourceFiles} checks. */
export interface CheckSourceFilesOptions {
  signal: AbortSignal
  /** Whether it is a dry run, which keeps no results for later runs. @default false */
  isDry?: boolean | undefined
}

// Files are read from one disk, and gzip files are inflated.
const filesAtOnce = 2

/**
 * Finds the image files of a manifest that cannot be read, are not complete, are not those of an image, or are larger than its policy
 * allows. No server is asked.
 *
 * @returns a problem for each such source, at its place in the manifest
 */
export async function checkSourceFiles(
  manifest: Manifest,
  options: CheckSourceFilesOptions,
): Promise<Problem[]> {
  const sources = manifest.images.flatMap((image) => {
    const source = image.state === 'present' ? image.source : undefined
    return source?.kind === 'file' || source?.kind === 'split' ? [source] : []
  })
  const found = await mapAtMost(filesAtOnce, sources, async (source): Promise<Problem[]> => {
    const message = await explainFiles(source, manifest.policy?.maxSize, options)
    return message === undefined ? [] : [{ file: source.at.file ?? manifest.file, at: source.at, message }]
  })
  return found.flat()
}

async function explainFiles(
  source: FileSource,
  maxSize: number | undefined,
  { signal, isDry = false }: CheckSourceFilesOptions,
): Promise<string | undefined> {
  const files = filesOf(source)
  try {
    const options = { signal, cache: fingerprintFolder(), isKept: !isDry }
    await checkImageFiles(files.kind === 'unified' ? files.file : files, options)
    return await explainSize(files, maxSize)
  } catch (error) {
    if (!isHyperkitError(error)) throw error
    return error.message
  }
}

async function explainSize(files: ImageFiles, maxSize: number | undefined): Promise<string | undefined> {
  if (maxSize === undefined) return undefined
  const paths = files.kind === 'unified' ? [files.file] : [files.metadata, files.rootfs]
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size))
  const size = sizes.reduce((sum, each) => sum + each, 0)
  return size > maxSize
    ? `the image has ${size} bytes, more than the ${maxSize} that "policy.maxSize" allows`
    : undefined
}
