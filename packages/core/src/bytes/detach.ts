type Detachable = ArrayBuffer & { transfer?(length: number): ArrayBuffer }

/** Whether memory can be freed before it is collected: not on Node 20. */
export const canDetach = 'transfer' in ArrayBuffer.prototype

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
  const buffer = bytes.buffer as Detachable
  if (bytes.byteLength === buffer.byteLength) buffer.transfer?.(0)
}
