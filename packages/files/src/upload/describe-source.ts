import { basename } from 'node:path'
import { ArgumentError, type UploadFile, type UploadSource } from '@hyperkit/core'
import type { ImageFiles } from '../disk/image-files.ts'
import type { InspectedFile } from '../disk/inspect-file.ts'
import { imageTypeOf } from './image-type.ts'

/**
 * Describes inspected files as core expects them for an upload.
 *
 * @param open makes the function that opens the bytes of a file
 */
export async function describeSource(
  files: ImageFiles,
  inspected: readonly InspectedFile[],
  open: (file: InspectedFile) => UploadFile['open'],
): Promise<UploadSource> {
  const [first, second] = inspected
  if (first === undefined) throw new ArgumentError('files', 'Cannot upload an image: no file is given')
  const describe = (file: InspectedFile): UploadFile => ({
    open: open(file),
    size: file.size,
    filename: basename(file.path),
  })
  if (typeof files === 'string' || second === undefined) return { kind: 'unified', ...describe(first) }
  const type = files.type ?? (await imageTypeOf(second))
  return { kind: 'split', metadata: describe(first), rootfs: describe(second), type }
}
