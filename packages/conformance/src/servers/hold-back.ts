import { Transform } from 'node:stream'

/** Holds a download until it is released. */
export interface Gate {
  /** Resolves when the first download is held. */
  held: Promise<void>
  markHeld(): void
  open: Promise<void>
  release(): void
}

export function makeGate(): Gate {
  let markHeld = (): void => {}
  let release = (): void => {}
  const held = new Promise<void>((resolve) => {
    markHeld = resolve
  })
  const open = new Promise<void>((resolve) => {
    release = resolve
  })
  return { held, markHeld, open, release }
}

/** Passes on so many bytes, and the rest once the gate is open. */
export function holdBack(gate: Gate, holdAfter: number = Number.POSITIVE_INFINITY): Transform {
  let sent = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const allowed = Math.max(0, Math.min(chunk.length, holdAfter - sent))
      sent += chunk.length
      if (allowed === chunk.length) return done(null, chunk)
      if (allowed > 0) this.push(chunk.subarray(0, allowed))
      gate.markHeld()
      void gate.open.then(() => done(null, chunk.subarray(allowed)))
    },
  })
}
