import process from 'node:process'

/**
 * The reason of an abort by the user or the system.
 *
 * @see {@link watchSignals}
 */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
  readonly exitCode: number
  readonly signal: 'SIGINT' | 'SIGTERM'

  constructor(
    signal: 'SIGINT' | 'SIGTERM',
    outcome = 'what was under way was cancelled, where that can be; run it again to go on',
  ) {
    super(`Interrupted by ${signal}: ${outcome}`)
    this.signal = signal
    this.exitCode = signal === 'SIGINT' ? 130 : 143
  }
}

/** What {@link watchSignals} watches. */
export interface Signals {
  readonly signal: AbortSignal
  /** Watches no longer. */
  stop(): void
  /** As `stop`, for `using`. */
  [Symbol.dispose](): void
}

/**
 * The first signal aborts what is under way, in order; the second one ends the process at once.
 *
 * @example
 * ```ts
 * const signals = watchSignals()
 * try {
 *   signals.signal.throwIfAborted()
 * } finally {
 *   signals.stop()
 * }
 * ```
 */
export function watchSignals(): Signals {
  const controller = new AbortController()
  const names = ['SIGINT', 'SIGTERM'] as const
  const listeners = names.map((name) => {
    const listener = (): void => {
      const reason = new InterruptedError(name)
      if (controller.signal.aborted) process.exit(reason.exitCode)
      controller.abort(reason)
    }
    process.on(name, listener)
    return () => process.off(name, listener)
  })
  const stop = (): void => {
    for (const remove of listeners) remove()
  }
  return { signal: controller.signal, stop, [Symbol.dispose]: stop }
}
