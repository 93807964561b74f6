import { littleEndian, type RandomBytes } from './random-bytes.ts'

/**
 * Judges a squashfs file by the size that its superblock gives. Padding after that is usual: mksquashfs fills up to 4 KiB.
 *
 * @returns what is wrong, or undefined if the file is whole
 */
export async function checkSquashfs(bytes: RandomBytes): Promise<string | undefined> {
  const superblock = await bytes.read(0, 96)
  if (superblock.byteLength < 96) return 'its end is missing: it is shorter than the superblock of a squashfs'
  const used = littleEndian(superblock, 40, 6)
  return used > bytes.size
    ? `its end is missing: its superblock gives a size of ${used} bytes, but it has ${bytes.size}`
    : undefined
}
