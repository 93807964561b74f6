import { basename } from 'node:path'
import type { SplitSource, UnifiedSource } from '@hyperkit/core/parts'
import { type MakeImageOptions, makeImage } from '../fixtures/make-image.ts'
import { type MakeSplitImageOptions, makeSplitImage, type SplitImage } from '../fixtures/make-split-image.ts'
import type { SavedFile } from '../fixtures/save-bytes.ts'
import { streamFile } from './read-bytes.ts'

/** An image file on disk, ready to be uploaded. */
export interface ImageFile extends SavedFile {
  filename: string
  source: UnifiedSource
  /** How often the source was opened: 0 if nothing has been sent. */
  readonly opened: number
}

export interface SplitFiles extends SplitImage {
  source: SplitSource
  readonly opened: number
}

export async function makeImageFile(options: MakeImageOptions): Promise<ImageFile> {
  const file = await makeImage(options)
  const filename = basename(file.path)
  let opened = 0
  const open = (): ReadableStream<Uint8Array> => {
    opened += 1
    return streamFile(file.path)
  }
  return {
    ...file,
    filename,
    source: { kind: 'unified', open, size: file.size, filename },
    get opened() {
      return opened
    },
  }
}

export async function makeSplitFiles(options: MakeSplitImageOptions): Promise<SplitFiles> {
  const image = await makeSplitImage(options)
  let opened = 0
  const part = (file: SavedFile): SplitSource['metadata'] => ({
    size: file.size,
    filename: basename(file.path),
    open: () => {
      opened += 1
      return streamFile(file.path)
    },
  })
  return {
    ...image,
    source: {
      kind: 'split',
      metadata: part(image.metadata),
      rootfs: part(image.rootfs),
      type: image.type,
    },
    get opened() {
      return opened
    },
  }
}
