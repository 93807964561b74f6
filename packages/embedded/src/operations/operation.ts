import { timestampNow } from '../json/timestamp.ts'

export type OperationClass = 'task' | 'token'

export type OperationStatus = 'Pending' | 'Running' | 'Cancelling' | 'Success' | 'Failure' | 'Cancelled'

const statusCodes: Readonly<Record<OperationStatus, number>> = {
  Pending: 105,
  Running: 103,
  Cancelling: 104,
  Success: 200,
  Failure: 400,
  Cancelled: 401,
}

export type OperationResources = Record<string, string[]> | null

/** One operation, and what wakes those who wait for it. */
export interface Operation {
  readonly id: string
  readonly class: OperationClass
  readonly project: string
  readonly description: string
  readonly createdAt: string
  updatedAt: string
  status: OperationStatus
  resources: OperationResources
  metadata: Record<string, unknown> | null
  mayCancel: boolean
  err: string
  /** Waited for without being logged in: `…/wait?secret=`. */
  readonly secret: string | undefined
  readonly controller: AbortController
  /** Resolves at the first final status, rejects when the server forgets the operation (a restart). */
  readonly done: Promise<void>
}

/** What the work of an operation may do with it. */
export interface OperationHandle {
  readonly signal: AbortSignal
  /** Replaces the metadata and tells the listeners. */
  setMetadata(metadata: Record<string, unknown>): void
  /** Downloads are cancellable once the image itself is asked for. */
  setMayCancel(mayCancel: boolean): void
}

export function isFinal(operation: Operation): boolean {
  return operation.status === 'Success' || operation.status === 'Failure' || operation.status === 'Cancelled'
}

export function touch(operation: Operation): void {
  operation.updatedAt = timestampNow()
}

/** The operation as the API shows it. */
export function renderOperation(operation: Operation): Record<string, unknown> {
  return {
    id: operation.id,
    class: operation.class,
    description: operation.description,
    created_at: operation.createdAt,
    updated_at: operation.updatedAt,
    status: operation.status,
    status_code: statusCodes[operation.status],
    resources: operation.resources,
    metadata: operation.metadata,
    may_cancel: operation.mayCancel,
    err: operation.err,
    location: 'none',
  }
}
