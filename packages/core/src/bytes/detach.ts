type Detachable = ArrayBuffer & {
  transfer?(length: number): ArrayBuffer
  resizable?: boolean
  resize?(length: number): void
}

type Resizable = new (length: number, options: { maxByteLength: number }) => ArrayBuffer

/** Whether any memory can be freed before it is collected: on Node 20, only that of {@link detachable}. */
const canDetach = 'transfer' in ArrayBuffer.prototype

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
  if (bytes.byteLength !== buffer.byteLength) return
  if (buffer.resizable === true) buffer.resize?.(0)
  else buffer.transfer?.(0)
}

/** Makes bytes that {@link detach} frees on Node 20 too, whose buffers can be shrunk. They are for large ones, since each takes whole pages. */
export function detachable(size: number): Uint8Array {
  if (canDetach) return new Uint8Array(size)
  return new Uint8Array(new (ArrayBuffer as Resizable)(size, { maxByteLength: size }), 0, size)
}
