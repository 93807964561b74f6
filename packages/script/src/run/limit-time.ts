/** The time of `--timeout` is over. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'

  constructor(milliseconds: number) {
    super(`the time that --timeout gives it, ${milliseconds / 1000} s, is over`)
  }
}

export interface TimeLimit {
  readonly signal: AbortSignal
  /** Rejects when an aborted script has not come to its end a while later: it hangs. */
  passed(signal: AbortSignal): Promise<never>
  stop(): void
}

/** How long a script may take to put things in order after an abort. */
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
        signal.addEventListener('abort', () => {
          if (Number.isFinite(grace)) graceTimer = setTimeout(() => reject(signal.reason), grace)
        })
      }),
    stop() {
      clearTimeout(timer)
      clearTimeout(graceTimer)
    },
  }
}
