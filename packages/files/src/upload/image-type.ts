import { Buffer } from 'node:buffer'
import { open } from 'node:fs/promises'
import type { ImageType } from '@hyperkit/core'
import { readFailure } from '../disk/disk-failure.ts'

/** The type of image that a rootfs belongs to: virtual machines have a qcow2 disk image, containers an archive or squashfs. */
export async function imageTypeOf(rootfs: string): Promise<ImageType> {
  const magic = Buffer.alloc(4)
  try {
    const handle = await open(rootfs, 'r')
    try {
      await handle.read(magic, 0, 4, 0)
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw readFailure(rootfs, 'upload', error)
  }
  return magic.toString('latin1') === 'QFI\xfb' ? 'virtual-machine' : 'container'
}
