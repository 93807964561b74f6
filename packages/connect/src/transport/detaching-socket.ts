import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { detach } from '@hyperkit/core/parts'
import { grace } from './keep-reading.ts'

export interface HeldSocket extends Socket {
  /** Stops reading until it is released, even if the layer above asks for more. */
  hold(): void
  release(): void
}

/**
 * A connection that frees received bytes as soon as the layer above has taken them.
 *
 * Deno 2.9.5 leaves them to the garbage collector, which lags behind: after a download of 1 GiB over TLS, 300 to 700 MiB of unused
 * bytes were still allocated. They can be freed, since TLS and the HTTP parser of Deno copy what they take.
 *
 * Deno's TLS does not pass a pause on to the connection below either. It reads everything into memory, 1 GiB in 3 seconds while the
 * reader waits. So the layer above TLS holds the one below it.
 *
 * @param layers.freesSent whether sent bytes are freed too: true if the layer above made them, as TLS does
 * @param layers.below the connection that pauses together with this one
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
    // As with a socket: a kept connection that the server has ended must not be given to the next request.
    allowHalfOpen: false,
    read: resume,
    write(chunk, _encoding, done) {
      socket.write(chunk, (error) => {
        if (freesSent) detach(chunk)
        if (!error) done()
        // Bytes that arrived before the write failed are read first; see keep-reading.ts.
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
    // The buffer is empty if the layer above has taken the chunk already.
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

// The methods of a socket that the agent and `ws` call. `unref` matters: an idle connection must not keep the process alive.
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
