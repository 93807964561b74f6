import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Progress } from '../model/progress.ts'
import { recordAwaited } from './awaited-operations.ts'
import { cancelOperation } from './cancel-operation.ts'
import { operationId } from './operation-id.ts'
import type { ProgressFeed } from './progress-feed.ts'
import { type InnerWaitOptions, type WaitOptions, waitOperation } from './wait-operation.ts'

/** Work that the server has begun. The steps after its end (properties, expiry, aliases) are taken only by {@link OperationHandle.wait}. */
export interface OperationHandle<T> {
  /** Undefined if nothing had to be started, because the server had the image. */
  readonly id: string | undefined
  /** Waits for the end and finishes the work; a second call gives the same result. */
  wait(options?: WaitOptions): Promise<T>
  /**
   * Cancels the server's work; `bad-request` if the server cannot do that, or begins to (LXD 6) while the source of a download hangs.
   * LXD 6 allows cancelling work that is nearly done, whose image stays nevertheless; `wait()` reports that.
   */
  cancel(options?: CallOptions): Promise<void>
  /** Progress until the end of the work, which ends the loop; the loop throws a failure like `wait()`. */
  readonly progress: AsyncIterable<Progress>
}

/** The result, or with `sync: false` the operation under way. */
export type Outcome<T, Sync extends boolean> = Sync extends true ? T : OperationHandle<T>

/**
 * @param finish turns the end of the operation, or its failure, into the result
 * @param feed opened before the work began, if the caller wants its progress
 */
export function operationHandle<T>(
  connection: Connection,
  url: string | undefined,
  defaults: InnerWaitOptions,
  finish: (ended: Promise<unknown>, options: WaitOptions) => Promise<T>,
  feed?: ProgressFeed,
): OperationHandle<T> {
  const id = url === undefined ? undefined : operationId(url)
  if (id !== undefined) feed?.follow(id)
  const listeners = new Set<(progress: Progress) => void>()
  let result: Promise<T> | undefined

  const wait = (options: WaitOptions = {}): Promise<T> => {
    if (options.onProgress) listeners.add(options.onProgress)
    if (result) return result
    const onProgress = (progress: Progress): void => {
      for (const listener of listeners) listener(progress)
    }
    const all = {
      ...defaults,
      ...options,
      onProgress: listeners.size > 0 || defaults.onProgress ? onProgress : undefined,
    }
    if (defaults.onProgress) listeners.add(defaults.onProgress)
    const ended = id === undefined ? Promise.resolve() : waitOperation(connection, id, all, feed)
    if (id !== undefined) recordAwaited(connection.transport, id, ended)
    result = finish(ended, all)
    return result
  }

  return {
    id,
    wait,
    async cancel(options = {}) {
      if (id !== undefined) await cancelOperation(connection, id, { project: defaults.project, ...options })
    },
    get progress() {
      return follow(wait)
    },
  }
}

async function* follow<T>(wait: (options: WaitOptions) => Promise<T>): AsyncGenerator<Progress, void> {
  const waiting: Progress[] = []
  let wake: () => void = () => {}
  let ended = false
  const end = wait({
    onProgress: (progress) => {
      waiting.push(progress)
      wake()
    },
  }).finally(() => {
    ended = true
    wake()
  })
  // A failure surfaces at the `await end` below; without this it would also count as unhandled when the loop is left early.
  end.catch(() => {})
  for (;;) {
    const next = waiting.shift()
    if (next) yield next
    else if (ended) break
    else
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
  await end
}
