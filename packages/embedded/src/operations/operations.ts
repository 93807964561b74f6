import { randomUUID } from 'node:crypto'
import { Failure } from '../answer/failure.ts'
import { timestampNow } from '../json/timestamp.ts'
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
  /** Milliseconds that a finished operation stays readable. */
  retention: number
  /** Resources of an operation that names none: `null` or `{}`. */
  noResources: null | Record<string, never>
  onChange(operation: Operation): void
  /** Called where the work throws {@link DaemonCrash}. */
  onCrash(): void
}

interface StartOperation {
  project: string
  description: string
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
  /** @throws {Failure} 400 */
  cancel(operation: Operation): void
  /** Marks a token as used: it shows `Cancelled` and vanishes like a finished operation. */
  spend(token: Operation): void
  /** Forgets everything, as a restart does: waiters are cut off, running work is aborted. */
  forget(): void
  /** The end of the work that was forgotten, if some goes on: no daemon answers before what it was killed in is over. */
  stopping(): Promise<unknown> | undefined
}

/** Thrown by the work of an operation where a real daemon dies as a whole. */
export class DaemonCrash extends Error {
  override readonly name = 'DaemonCrash'
}

export function createOperations(options: OperationsOptions): Operations {
  const registry = createRegistry(options)
  const { known, finish } = registry
  const running = new Set<Promise<void>>()
  let stopping: Promise<unknown> | undefined
  const begin = async (operation: Operation, run: NonNullable<StartOperation['run']>): Promise<void> => {
    // The 202 leaves before the work begins, as it does in a daemon.
    await new Promise((resolve) => setImmediate(resolve))
    await work(registry, options, operation, run)
  }
  return {
    start(what) {
      const operation = createOperation(what, options, registry.settlers)
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
    cancel(operation) {
      if (operation.status !== 'Running') throw new Failure(400, 'Only running operations can be cancelled')
      if (!operation.mayCancel) throw new Failure(400, "This operation can't be cancelled")
      operation.controller.abort(new Error('context canceled'))
      finish(operation, 'Cancelled', '')
    },
    spend(token) {
      if (!isFinal(token)) finish(token, 'Cancelled', '')
    },
    forget() {
      registry.forget()
      if (running.size === 0) return
      const ended = Promise.all(running).finally(() => {
        if (stopping === ended) stopping = undefined
      })
      stopping = ended
    },
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
  finish(operation: Operation, status: OperationStatus, err: string): void
  forget(): void
}

/** What is known of the operations, and for how long. */
function createRegistry(options: OperationsOptions): Registry {
  const known = new Map<string, Operation>()
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  const settlers = new WeakMap<Operation, Settler>()
  return {
    known,
    settlers,
    finish(operation, status, err) {
      if (!known.has(operation.id)) return
      operation.status = status
      operation.err = err
      // `updated_at` stays: the daemons move it with the metadata only.
      if (operation.class === 'task') operation.mayCancel = false
      options.onChange(operation)
      settlers.get(operation)?.resolve()
      clearTimeout(timers.get(operation.id))
      const timer = setTimeout(() => {
        known.delete(operation.id)
        timers.delete(operation.id)
      }, options.retention)
      // A process must be able to end while operations linger.
      ;(timer as { unref?: () => void }).unref?.()
      timers.set(operation.id, timer)
    },
    forget() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
      const forgotten = [...known.values()]
      known.clear()
      for (const operation of forgotten) {
        operation.controller.abort(new Error('daemon stopped'))
        settlers.get(operation)?.reject(new Error('daemon stopped'))
      }
    },
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
    // T11: a cancelled download shows `Cancelled` first and turns into this failure when its work has stopped.
    const text = operation.controller.signal.aborted ? 'context canceled' : messageOf(error)
    finish(operation, 'Failure', text)
  }
}

function createOperation(
  what: StartOperation,
  options: OperationsOptions,
  settlers: WeakMap<Operation, Settler>,
): Operation {
  const settler = { resolve: () => {}, reject: (_reason: Error) => {} }
  const done = new Promise<void>((resolve, reject) => {
    settler.resolve = resolve
    settler.reject = reject
  })
  // Nobody may be waiting.
  done.catch(() => {})
  const now = timestampNow()
  const operation: Operation = {
    id: randomUUID(),
    class: what.class ?? 'task',
    project: what.project,
    description: what.description,
    createdAt: now,
    updatedAt: now,
    status: 'Pending',
    resources: what.resources ?? options.noResources,
    metadata: what.metadata ?? null,
    mayCancel: what.class === 'token',
    err: '',
    secret: what.secret,
    controller: new AbortController(),
    done,
  }
  settlers.set(operation, settler)
  return operation
}

function handleOf(operation: Operation, options: OperationsOptions): OperationHandle {
  return {
    signal: operation.controller.signal,
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Operations by lower-case status, as `GET /1.0/operations` lists them. */
export function groupByStatus(
  operations: readonly Operation[],
  recursive: boolean,
): Record<string, unknown[]> {
  const groups: Record<string, unknown[]> = {}
  for (const operation of operations) {
    const group = operation.status.toLowerCase()
    groups[group] ??= []
    groups[group].push(recursive ? renderOperation(operation) : `/1.0/operations/${operation.id}`)
  }
  return groups
}
