/** The script took longer than `--timeout` allows. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'

  constructor(milliseconds: number) {
    super(`it took longer than the ${milliseconds / 1000} s that --timeout allows`)
  }
}

export interface TimeLimit {
  readonly signal: AbortSignal
  /** Rejects if a script has not ended some time after its abort, because it hangs. */
  passed(signal: AbortSignal): Promise<never>
  stop(): void
}

/** Milliseconds that a script may take to end cleanly after an abort. */
const usualGrace = 10_000

export function limitTime(milliseconds: number | undefined, grace = usualGrace): TimeLimit {
  const controller = new AbortController()
  const timer =
    milliseconds === undefined
      ? undefined
      : setTimeout(() => controller.abort(new TimeoutError(milliseconds)), milliseconds)
  let graceTimer: ReturnType<typeof setTimeout> | undefined
  return {
    signal: controller.signal,
    passed: (signal) =>
      new Promise((_, reject) => {
        const waitAgain = (): void => {
          if (Number.isFinite(grace)) graceTimer = setTimeout(() => reject(signal.reason), grace)
        }
        // The time can be over before the script begins, and an abort that has happened is not reported again.
        if (signal.aborted) waitAgain()
        else signal.addEventListener('abort', waitAgain)
      }),
    stop() {
      clearTimeout(timer)
      clearTimeout(graceTimer)
    },
  }
}
