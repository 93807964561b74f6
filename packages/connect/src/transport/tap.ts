import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'

/** Where the bytes of a connection go instead of to the parser of HTTP. */
export interface Diversion {
  /** Whether everything that the parser got has been passed on, so that the next bytes of the connection follow that. */
  mayBegin(): boolean
  /** Room for the next bytes. */
  space(): Uint8Array
  /** Says that the next bytes are in {@link Diversion.space}. */
  took(count: number): void
}

/**
 * The bytes of a connection of Node, as it reads them. Node makes a new buffer for each 16 KiB that it decrypts, and passes it through two
 * streams and a parser: for 1 GiB that is a third of the time, and 100 MiB that wait for the garbage collector of Node 24. With the
 * option `onread` it writes into a buffer of ours.
 */
export interface Tap {
  /** Sends what the connection receives past the parser as soon as that is possible. Once it is open, the connection cannot be used again. */
  divert(diversion: Diversion): void
  /** Undoes that, if it was not possible until now. */
  keep(): void
  /** Whether bytes have gone past the parser. */
  isOpen(): boolean
}

/** The option of `net.connect` and `tls.connect`, whose types lack the function for `buffer`. */
export interface OnRead {
  buffer(): Uint8Array
  callback(count: number, buffer: Uint8Array): boolean
}

const taps = new WeakMap<object, Tap>()

// As much as TLS decrypts at once, four times.
const ownSize = 64 * 1024

/** The tap of a connection, if it has one. */
export function tapOf(socket: Socket): Tap | undefined {
  return taps.get(socket)
}

/**
 * Opens a connection that has a tap.
 *
 * @param open opens it with an option of Node
 */
export function openTapped(open: (onread: OnRead) => Socket): Socket {
  const own = new Uint8Array(ownSize)
  let diversion: Diversion | undefined
  let isOpen = false
  const socket = open({
    buffer: () => (isOpen && diversion ? diversion.space() : own),
    callback(count, buffer) {
      if (diversion === undefined || !(isOpen || diversion.mayBegin()))
        return socket.push(Buffer.from(buffer.subarray(0, count)))
      isOpen = true
      if (buffer === own) {
        for (let from = 0; from < count; ) {
          const room = diversion.space()
          const part = own.subarray(from, Math.min(count, from + room.byteLength))
          room.set(part)
          diversion.took(part.byteLength)
          from += part.byteLength
        }
      } else diversion.took(count)
      return true
    },
  })
  taps.set(socket, {
    divert(to) {
      diversion = to
    },
    keep() {
      if (!isOpen) diversion = undefined
    },
    isOpen: () => isOpen,
  })
  return socket
}
