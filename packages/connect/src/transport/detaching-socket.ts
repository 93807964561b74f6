import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { detach } from '@hyperkit/core/parts'
import { grace } from './keep-reading.ts'

export interface HeldSocket extends Socket {
  /** Reads nothing until it is released, whatever the layer above asks for. */
  hold(): void
  release(): void
}

/**
 * A connection whose bytes are given back to the system as soon as the layer above has taken them.
 *
 * Deno 2.9.5 leaves them to the garbage collector, which lags behind: a download of 1 GiB over TLS left 300 to 700 MiB of
 * dead bytes behind. Both TLS and the HTTP parser of Deno copy what they take.
 *
 * Nor does Deno's TLS pass a pause on to the connection below: it reads everything into memory, 1 GiB in 3 seconds where the
 * reader waits that long. So the layer above TLS holds the one below it.
 *
 * @param layers.freesSent whether sent bytes are freed too: true where the layer above made them, as TLS does
 * @param layers.below the connection that is to pause together with this one
 */
export function detachingSocket(
  socket: Socket,
  { freesSent, below }: { freesSent: boolean; below?: HeldSocket },
): HeldSocket {
  let held = false
  const pause = (): void => {
    socket.pause()
    below?.hold()
  }
  const resume = (): void => {
    if (held) return
    below?.release()
    socket.resume()
  }
  const layer = new Duplex({
    // As a socket: a kept connection that the server has ended must not be given to the next request.
    allowHalfOpen: false,
    read: resume,
    write(chunk, _encoding, done) {
      socket.write(chunk, (error) => {
        if (freesSent) detach(chunk)
        if (!error) done()
        // What came before the write failed is read first; see keep-reading.ts.
        else setTimeout(() => done(error), grace)
      })
    },
    final: (done) => void socket.end(done),
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (chunk) => {
    const more = layer.push(chunk)
    // Nothing left in the buffer: the layer above has taken the chunk already.
    if (layer.readableLength === 0) detach(chunk)
    if (!more) pause()
  })
  socket.on('end', () => layer.push(null))
  socket.on('error', (error) => layer.destroy(error))
  socket.on('close', () => layer.destroy())
  const destroySoon = (): void => {
    if (layer.writable) layer.end()
    if (layer.writableFinished) layer.destroy()
    else layer.once('finish', () => layer.destroy())
  }
  const hold = (): void => {
    held = true
    pause()
  }
  const release = (): void => {
    held = false
    resume()
  }
  return Object.assign(layer, controlsOf(socket), { destroySoon, hold, release }) as unknown as HeldSocket
}

// What the agent and `ws` ask of a socket besides its bytes; an idle connection must not keep the process alive.
function controlsOf(socket: Socket): object {
  const passOn =
    (name: 'ref' | 'unref' | 'setKeepAlive' | 'setNoDelay' | 'setTimeout') =>
    (...values: never[]): void => {
      ;(socket[name] as (...given: never[]) => unknown)(...values)
    }
  return {
    ref: passOn('ref'),
    unref: passOn('unref'),
    setKeepAlive: passOn('setKeepAlive'),
    setNoDelay: passOn('setNoDelay'),
    setTimeout: passOn('setTimeout'),
  }
}
