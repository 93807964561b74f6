export interface DelayedAbort {
  signal: AbortSignal
  /** There is nothing left to abort. */
  stop(): void
}

/** A signal that follows another one a while later: for a request whose answer must be known and is close at hand. */
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
