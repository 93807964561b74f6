/** What a file seems to be that is not an image file, by its first bytes. */
export function describeHead(head: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(head)
  if (/^\s*<(?:!doctype html|html|head|\?xml)/i.test(text)) return 'it is a web page'
  if (head[510] === 0x55 && head[511] === 0xaa)
    return 'it is a raw disk; convert it with "qemu-img convert -O qcow2"'
  if (head.every((byte) => byte === 0)) return 'it begins with zeros'
  if (head.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13)))
    return 'it is a text file'
  return 'its format is unknown'
}
