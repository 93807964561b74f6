import { ArgumentError, type ImageType } from '@hyperkit/core'
import { type InspectedFile, inspectFile } from './inspect-file.ts'

/** The two files of a split image. */
export interface SplitImageFiles {
  /** Path of the metadata archive. */
  metadata: string
  /** Path of the root file system (container) or disk image (virtual machine). */
  rootfs: string
  /** @default 'virtual-machine' if the rootfs is a qcow2 file, else 'container' */
  type?: ImageType | undefined
}

/** Path of a unified image, or the two paths of a split one. */
export type ImageFiles = string | SplitImageFiles

/** Inspects the files, in the order in which they are hashed. */
export async function inspectImageFiles(files: ImageFiles, action: string): Promise<InspectedFile[]> {
  if (typeof files === 'string') return [await inspectFile(files, action)]
  if (files === null || typeof files !== 'object') {
    throw new ArgumentError('files', `Cannot ${action} an image: give a path, or { metadata, rootfs }`)
  }
  return [await inspectFile(files.metadata, action), await inspectFile(files.rootfs, action)]
}
