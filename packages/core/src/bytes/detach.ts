/** Frees the memory of bytes that nobody reads any more, where they have a buffer to themselves. */
export function detach(bytes: Uint8Array): void {
  const buffer = bytes.buffer as ArrayBuffer & { transfer?(length: number): ArrayBuffer }
  if (bytes.byteLength === buffer.byteLength) buffer.transfer?.(0)
}
