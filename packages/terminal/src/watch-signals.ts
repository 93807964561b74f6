import process from 'node:process'

/**
 * The reason of an abort by a signal from the user or the system.
 *
 * @see {@link watchSignals}
 */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'
  readonly exitCode: number
  readonly signal: 'SIGINT' | 'SIGTERM'

  constructor(
    signal: 'SIGINT' | 'SIGTERM',
    outcome = 'running work was cancelled if possible; run the command again to continue',
  ) {
    super(`Interrupted by ${signal}: ${outcome}`)
    this.signal = signal
    this.exitCode = signal === 'SIGINT' ? 130 : 143
  }
}

/** The result of {@link watchSignals}. */
export interface Signals {
  readonly signal: AbortSignal
  /** Stops watching. */
  stop(): void
  /** As `stop`, for `using`. */
  [Symbol.dispose](): void
}

/**
 * Watches for SIGINT and SIGTERM. The first signal aborts the running work in an orderly way; the second one ends the process at once.
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
