/**
 * Frees the memory of bytes that nobody reads any more, where they have a buffer to themselves.
 *
 * @example
 * ```ts
 * const bytes = new Uint8Array(65_536)
 * detach(bytes)
 * ```
 */
export function detach(bytes: Uint8Array): void {
  const buffer = bytes.buffer as ArrayBuffer & { transfer?(length: number): ArrayBuffer }
  if (bytes.byteLength === buffer.byteLength) buffer.transfer?.(0)
}
