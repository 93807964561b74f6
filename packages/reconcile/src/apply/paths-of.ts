import type { ImageFiles as Paths } from '@hyperkit/files'
import type { ImageFiles } from '../documents/plan.ts'

/** The files of a plan as @hyperkit/files names them. */
export function pathsOf(files: ImageFiles): Paths {
  if (files.kind === 'unified') return files.file
  const { metadata, rootfs, type } = files
  return { metadata, rootfs, type }
}
