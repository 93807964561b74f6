export interface DelayedAbort {
  signal: AbortSignal
  /** Stops following: there is nothing left to abort. */
  stop(): void
}

/** A signal that is aborted some time after another one: for a request whose answer is needed and will come soon. */
export function delayAbort(signal: AbortSignal, milliseconds: number): DelayedAbort {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout>
  const follow = (): void => {
    timer = setTimeout(() => controller.abort(signal.reason), milliseconds)
  }
  if (signal.aborted) controller.abort(signal.reason)
  else signal.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    stop() {
      signal.removeEventListener('abort', follow)
      clearTimeout(timer)
    },
  }
}
