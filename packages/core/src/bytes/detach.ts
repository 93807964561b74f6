/**
 * Frees the memory of bytes that are not needed any more, if they have a buffer of their own.
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
