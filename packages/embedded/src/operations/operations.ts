import { messageOf } from '@hyperkit/core/parts'
import { Failure } from '../answer/failure.ts'
import type { Dialect } from '../dialect/dialect.ts'
import { timestampNow } from '../json/timestamp.ts'
import type { Requestor } from '../trust/peer.ts'
import { newOperationId } from './new-operation-id.ts'
import {
  isFinal,
  type Operation,
  type OperationClass,
  type OperationHandle,
  type OperationResources,
  type OperationStatus,
  renderOperation,
  touch,
} from './operation.ts'

interface OperationsOptions {
  dialect: Dialect
  /** How long a finished operation can be read, in milliseconds. */
  retention: number
  onChange(operation: Operation): void
  /** Called if the work throws {@link DaemonCrash}. */
  onCrash(): void
}

interface StartOperation {
  project: string
  description: string
  requestor: Requestor
  /** The cluster member that does the work. @default 'none' */
  location?: string
  /** @default the project */
  entityUrl?: string
  class?: OperationClass
  resources?: OperationResources
  metadata?: Record<string, unknown>
  secret?: string
  /** The work; a token has none. */
  run?: (handle: OperationHandle) => Promise<void>
}

export interface Operations {
  start(what: StartOperation): Operation
  /** @throws {Failure} 404 */
  get(id: string): Operation
  list(): Operation[]
  /**
   * @returns when the operation has been cancelled: at once, or at its end (LXD 6)
   * @throws {Failure} 400
   */
  cancel(operation: Operation): Promise<void>
  /** Marks a token as used: it shows `Cancelled` and is forgotten like a finished operation. */
  spend(token: Operation): void
  /**
   * Ends everything, as a restart does: connections of waiters are closed, running work is aborted.
   *
   * @param crashed the daemon was killed: LXD main then shows the operations that were running (T57)
   */
  forget(crashed?: boolean): void
  /** Ends the operations of one cluster member, as its death does, and returns them as they were. */
  forgetThoseAt(location: string): Operation[]
  /** Resolves when forgotten work that is still running has ended: the restarted daemon does not answer before that. */
  stopping(): Promise<unknown> | undefined
}

/** Thrown by the work of an operation when a real daemon would end as a whole. */
export class DaemonCrash extends Error {
  override readonly name = 'DaemonCrash'
}

export function createOperations(options: OperationsOptions): Operations {
  const registry = createRegistry(options)
  const { known, finish } = registry
  const running = new Set<Promise<void>>()
  let stopping: Promise<unknown> | undefined
  const begin = async (operation: Operation, run: NonNullable<StartOperation['run']>): Promise<void> => {
    // The 202 is sent before the work begins, as by a daemon.
    await new Promise((resolve) => setImmediate(resolve))
    await work(registry, options, operation, run)
  }
  return {
    start(what) {
      const operation = createOperation(what, options.dialect, registry.settlers)
      known.set(operation.id, operation)
      options.onChange(operation)
      operation.status = 'Running'
      options.onChange(operation)
      const run = what.run
      if (run !== undefined) {
        const ended = begin(operation, run).finally(() => running.delete(ended))
        running.add(ended)
      }
      return operation
    },
    get(id) {
      const operation = known.get(id)
      if (operation === undefined) throw new Failure(404, 'Operation not found')
      return operation
    },
    list: () => [...known.values()],
    async cancel(operation) {
      if (operation.status !== 'Running') throw new Failure(400, 'Only running operations can be cancelled')
      if (options.dialect.cancellable === 'while-downloading') {
        if (!operation.mayCancel) throw new Failure(400, "This operation can't be cancelled")
        operation.controller.abort(new Error(canceled))
        finish(operation, 'Cancelled', '')
        return
      }
      operation.controller.abort(new Error(canceled))
      if (operation.class === 'token') return finish(operation, 'Cancelled', canceled, 500)
      operation.status = 'Cancelling'
      options.onChange(operation)
      // T54: the answer waits for the end of the work.
      await operation.done
    },
    spend(token) {
      if (isFinal(token)) return
      if (options.dialect.cancellable === 'always') finish(token, 'Cancelled', canceled, 500)
      else finish(token, 'Cancelled', '')
    },
    forget(crashed = false) {
      registry.forget(crashed)
      if (running.size === 0) return
      const ended = Promise.all(running).finally(() => {
        if (stopping === ended) stopping = undefined
      })
      stopping = ended
    },
    forgetThoseAt: (location) => registry.forgetThoseAt(location),
    stopping: () => stopping,
  }
}

interface Settler {
  resolve(): void
  reject(reason: Error): void
}

interface Registry {
  known: Map<string, Operation>
  settlers: WeakMap<Operation, Settler>
  finish(operation: Operation, status: OperationStatus, err: string, errCode?: number): void
  forget(crashed: boolean): void
  forgetThoseAt(location: string): Operation[]
}

/** Keeps operations, and forgets finished ones after the retention. */
function createRegistry(options: OperationsOptions): Registry {
  const known = new Map<string, Operation>()
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  const settlers = new WeakMap<Operation, Settler>()
  const lingers = (operation: Operation): void => {
    clearTimeout(timers.get(operation.id))
    const timer = setTimeout(() => {
      known.delete(operation.id)
      timers.delete(operation.id)
    }, options.retention)
    // The timer must not keep the process alive.
    ;(timer as { unref?: () => void }).unref?.()
    timers.set(operation.id, timer)
  }
  const end = (operation: Operation): void => {
    operation.controller.abort(new Error('daemon stopped'))
    operation.stopped.abort(new Error('daemon stopped'))
    settlers.get(operation)?.reject(new Error('daemon stopped'))
  }
  return {
    known,
    settlers,
    finish(operation, status, err, errCode = 0) {
      if (known.get(operation.id) !== operation) return
      operation.status = status
      operation.err = err
      operation.errCode = errCode
      // `updated_at` stays: the daemons change it only with the metadata.
      if (operation.class === 'task') operation.mayCancel = false
      options.onChange(operation)
      settlers.get(operation)?.resolve()
      lingers(operation)
    },
    forget(crashed) {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
      const forgotten = [...known.values()]
      known.clear()
      for (const operation of forgotten) {
        end(operation)
        if (!crashed || !options.dialect.showsCrashedOperations || isFinal(operation)) continue
        const found = afterCrash(operation)
        known.set(found.id, found)
        lingers(found)
      }
    },
    forgetThoseAt(location) {
      const forgotten = [...known.values()].filter((operation) => operation.location === location)
      for (const operation of forgotten) {
        known.delete(operation.id)
        end(operation)
      }
      return forgotten
    },
  }
}

/** T57: LXD main's record of an operation that was unfinished when the daemon ended. */
function afterCrash(operation: Operation): Operation {
  return {
    ...operation,
    status: 'Failure',
    err: 'Operation exited uncleanly or was unable to report its status',
    errCode: 500,
    done: Promise.resolve(),
  }
}

async function work(
  { finish }: Registry,
  options: OperationsOptions,
  operation: Operation,
  run: NonNullable<StartOperation['run']>,
): Promise<void> {
  try {
    await run(handleOf(operation, options))
    if (!isFinal(operation)) finish(operation, 'Success', '')
  } catch (error) {
    if (error instanceof DaemonCrash) return options.onCrash()
    const { aborted, reason } = operation.controller.signal
    const text = aborted && (error === reason || isAbort(error)) ? canceled : messageOf(error)
    // T11: a cancelled download first shows `Cancelled` and becomes a failure when its work has stopped; on LXD 6 it
    // stays `Cancelled`.
    const cancelled = options.dialect.cancellable === 'always' && text.endsWith(canceled)
    const code = error instanceof Failure ? error.status : 500
    finish(operation, cancelled ? 'Cancelled' : 'Failure', text, code)
  }
}

const canceled = 'context canceled'

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.message === 'aborted')
}

function createOperation(
  what: StartOperation,
  dialect: Dialect,
  settlers: WeakMap<Operation, Settler>,
): Operation {
  const settler = { resolve: () => {}, reject: (_reason: Error) => {} }
  const done = new Promise<void>((resolve, reject) => {
    settler.resolve = resolve
    settler.reject = reject
  })
  // Prevents an unhandled rejection if no client waits.
  done.catch(() => {})
  const now = timestampNow()
  const operation: Operation = {
    id: newOperationId(dialect.operationIds),
    class: what.class ?? 'task',
    project: what.project,
    description: what.description,
    createdAt: now,
    requestor: what.requestor,
    location: what.location ?? 'none',
    entityUrl: what.entityUrl ?? `/1.0/projects/${encodeURIComponent(what.project)}`,
    updatedAt: now,
    status: 'Pending',
    resources: what.resources ?? null,
    metadata: what.metadata ?? null,
    mayCancel: what.class === 'token',
    err: '',
    errCode: 0,
    secret: what.secret,
    controller: new AbortController(),
    stopped: new AbortController(),
    done,
  }
  settlers.set(operation, settler)
  return operation
}

function handleOf(operation: Operation, options: OperationsOptions): OperationHandle {
  return {
    signal: operation.controller.signal,
    stopped: operation.stopped.signal,
    setMetadata(metadata) {
      if (isFinal(operation) || JSON.stringify(metadata) === JSON.stringify(operation.metadata)) return
      operation.metadata = metadata
      touch(operation)
      options.onChange(operation)
    },
    setMayCancel(mayCancel) {
      if (!isFinal(operation)) operation.mayCancel = mayCancel
    },
  }
}

/** Operations by lower-case status, as `GET /1.0/operations` lists them. */
export function groupByStatus(
  dialect: Dialect,
  operations: readonly Operation[],
  recursive: boolean,
): Record<string, unknown[]> {
  const groups: Record<string, unknown[]> = {}
  for (const operation of operations) {
    const group = operation.status.toLowerCase()
    groups[group] ??= []
    groups[group].push(recursive ? renderOperation(dialect, operation) : `/1.0/operations/${operation.id}`)
  }
  return groups
}
