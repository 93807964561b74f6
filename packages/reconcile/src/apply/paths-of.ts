import type { ImageFiles as Paths } from '@hyperkit/files'
import type { ImageFiles } from '../documents/plan.ts'

/** Converts the files of a plan to the paths that @hyperkit/files expects. */
export function pathsOf(files: ImageFiles): Paths {
  if (files.kind === 'unified') return files.file
  const { metadata, rootfs, type } = files
  return { metadata, rootfs, type }
}
