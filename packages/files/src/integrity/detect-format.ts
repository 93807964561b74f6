const formats = ['tar', 'gzip', 'xz', 'lzma', 'zstd', 'lz4', 'bzip2', 'squashfs', 'qcow2'] as const

/** How the bytes of an image file are arranged. */
export type FileFormat = (typeof formats)[number]

/** Whether a text is the name of a format. */
export function isFileFormat(name: string | undefined): name is FileFormat {
  return formats.some((format) => format === name)
}

const magic: readonly { format: FileFormat; at: number; bytes: readonly number[] }[] = [
  { format: 'gzip', at: 0, bytes: [0x1f, 0x8b] },
  { format: 'xz', at: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0] },
  { format: 'zstd', at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { format: 'bzip2', at: 0, bytes: [0x42, 0x5a, 0x68] },
  { format: 'lz4', at: 0, bytes: [0x04, 0x22, 0x4d, 0x18] },
  { format: 'squashfs', at: 0, bytes: [0x68, 0x73, 0x71, 0x73] },
  { format: 'qcow2', at: 0, bytes: [0x51, 0x46, 0x49, 0xfb] },
  { format: 'tar', at: 257, bytes: [0x75, 0x73, 0x74, 0x61, 0x72] },
  { format: 'lzma', at: 0, bytes: [0x5d, 0, 0] },
]

/** How many bytes {@link detectFormat} needs. */
export const formatBytes = 512

/** The format of a file, from its first bytes; undefined if they are those of none that a server takes. */
export function detectFormat(head: Uint8Array): FileFormat | undefined {
  const found = magic.find(({ at, bytes }) => bytes.every((byte, index) => head[at + index] === byte))
  if (found !== undefined) return found.format
  if (isSkippableFrame(head)) return 'zstd'
  return isOldTar(head) ? 'tar' : undefined
}

/** A zstd file may begin with a frame that decoders skip. */
function isSkippableFrame(head: Uint8Array): boolean {
  return ((head[0] ?? 0) & 0xf0) === 0x50 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18
}

/** A tar of before 1988 has no magic number; its first header has a checksum. */
function isOldTar(head: Uint8Array): boolean {
  return head.byteLength >= 512 && (head[0] ?? 0) !== 0 && hasTarChecksum(head)
}

/** Whether a block is the header of a member of a tar. */
export function hasTarChecksum(block: Uint8Array): boolean {
  const digits = String.fromCharCode(...block.subarray(148, 156)).replace(/[\0 ]+$/, '')
  if (!/^ *[0-7]+$/.test(digits)) return false
  let sum = 0
  for (const [index, byte] of block.subarray(0, 512).entries())
    sum += index >= 148 && index < 156 ? 0x20 : byte
  return sum === Number.parseInt(digits.trim(), 8)
}
