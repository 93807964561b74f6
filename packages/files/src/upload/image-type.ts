import type { ImageType } from '@hyperkit/core'
import { readFailure } from '../disk/disk-failure.ts'
import type { InspectedFile } from '../disk/inspect-file.ts'
import { detectFormat, formatBytes } from '../integrity/detect-format.ts'
import { withRandomBytes } from '../integrity/random-bytes.ts'

/** The type of image that a rootfs is for: virtual machines have a qcow2 disk image, containers an archive or squashfs. */
export async function imageTypeOf({ path, size }: InspectedFile): Promise<ImageType> {
  try {
    const head = await withRandomBytes(path, size, (bytes) => bytes.read(0, formatBytes))
    return detectFormat(head) === 'qcow2' ? 'virtual-machine' : 'container'
  } catch (error) {
    throw readFailure(path, 'upload', error)
  }
}
