export interface Compression {
  /** File extension with its dot: `.tar.gz`. */
  extension: string
  /** How to unpack the tar: not at all, through zlib, or through the program that the daemons use. */
  unpack: 'none' | 'gzip' | readonly [string, ...string[]]
}

const magic: readonly { at: number; bytes: readonly number[]; compression: Compression; lz4?: true }[] = [
  { at: 0, bytes: [0x42, 0x5a], compression: { extension: '.tar.bz2', unpack: ['bzip2', '-dc'] } },
  { at: 0, bytes: [0x1f, 0x8b], compression: { extension: '.tar.gz', unpack: 'gzip' } },
  { at: 1, bytes: [0x37, 0x7a, 0x58, 0x5a], compression: { extension: '.tar.xz', unpack: ['xz', '-dc'] } },
  {
    at: 0,
    bytes: [0x5d, 0, 0],
    compression: { extension: '.tar.lzma', unpack: ['xz', '--format=lzma', '-dc'] },
  },
  {
    at: 0,
    bytes: [0x68, 0x73, 0x71, 0x73],
    compression: { extension: '.squashfs', unpack: ['sqfs2tar', '--no-skip'] },
  },
  { at: 0, bytes: [0x51, 0x46, 0x49, 0xfb], compression: { extension: '.qcow2', unpack: ['qemu-img'] } },
  { at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd], compression: { extension: '.tar.zst', unpack: ['zstd', '-dc'] } },
  {
    at: 0,
    bytes: [0x04, 0x22, 0x4d, 0x18],
    compression: { extension: '.tar.lz4', unpack: ['lz4', '-dc'] },
    lz4: true,
  },
  { at: 257, bytes: [0x75, 0x73, 0x74, 0x61, 0x72], compression: { extension: '.tar', unpack: 'none' } },
]

/** How many bytes {@link detectCompression} needs. */
export const headerSize = 263

/** Detects the compression from the first bytes, in the order of the daemons' checks. */
export function detectCompression(header: Uint8Array, lz4: boolean): Compression | undefined {
  return magic.find(
    (entry) =>
      (entry.lz4 !== true || lz4) && entry.bytes.every((byte, index) => header[entry.at + index] === byte),
  )?.compression
}
