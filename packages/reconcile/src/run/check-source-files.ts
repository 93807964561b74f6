import { isHyperkitError } from '@hyperkit/core'
import { checkImageFiles } from '@hyperkit/files'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import type { Manifest } from '../manifest/manifest.ts'
import type { Problem } from '../manifest/manifest-error.ts'
import type { FileSource } from '../manifest/source.ts'
import { filesOf } from '../sources/read-files.ts'

// Files are read from one disk, and gzip files are inflated.
const filesAtOnce = 2

/**
 * Finds the image files of a manifest that cannot be read, are not image files, or are not complete. No server is asked.
 *
 * @returns a problem for each such source, at its place in the manifest
 */
export async function checkSourceFiles(manifest: Manifest, signal: AbortSignal): Promise<Problem[]> {
  const sources = manifest.images.flatMap((image) => {
    const source = image.state === 'present' ? image.source : undefined
    return source?.kind === 'file' || source?.kind === 'split' ? [source] : []
  })
  const found = await mapAtMost(filesAtOnce, sources, async (source): Promise<Problem[]> => {
    const message = await explainFiles(source, signal)
    return message === undefined ? [] : [{ file: source.at.file ?? manifest.file, at: source.at, message }]
  })
  return found.flat()
}

async function explainFiles(source: FileSource, signal: AbortSignal): Promise<string | undefined> {
  const files = filesOf(source)
  try {
    await checkImageFiles(files.kind === 'unified' ? files.file : files, { signal })
    return undefined
  } catch (error) {
    if (!isHyperkitError(error)) throw error
    return error.message
  }
}
