import type { Dialect } from '../dialect/dialect.ts'
import { timestampNow } from '../json/timestamp.ts'
import type { Requestor } from '../trust/peer.ts'

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

/** One operation, and the promises that its waiters use. */
export interface Operation {
  readonly id: string
  readonly class: OperationClass
  readonly project: string
  readonly description: string
  readonly createdAt: string
  readonly requestor: Requestor
  /** The cluster member that does the work; `none` on a single server. */
  readonly location: string
  /** URL of the operation's subject: `metadata.entity_url`. */
  readonly entityUrl: string
  updatedAt: string
  status: OperationStatus
  resources: OperationResources
  metadata: Record<string, unknown> | null
  mayCancel: boolean
  err: string
  /** HTTP status of `err`; 0 without an error. */
  errCode: number
  /** Lets an untrusted client wait: `…/wait?secret=`. */
  readonly secret: string | undefined
  readonly controller: AbortController
  /** Aborts when the server forgets the operation, not when it is cancelled. */
  readonly stopped: AbortController
  /** Resolves at the first final status, rejects when the server forgets the operation (a restart). */
  readonly done: Promise<void>
}

/** What the work of an operation can do with its operation. */
export interface OperationHandle {
  /** Aborts when the operation is cancelled or the server stops. */
  readonly signal: AbortSignal
  /** Aborts when the server stops. A cancellation does not reach a source that is being asked for an image (T28, T54). */
  readonly stopped: AbortSignal
  /** Replaces the metadata and sends an event. */
  setMetadata(metadata: Record<string, unknown>): void
  /** Downloads can be cancelled once the image itself is requested. */
  setMayCancel(mayCancel: boolean): void
}

export function isFinal(operation: Operation): boolean {
  return operation.status === 'Success' || operation.status === 'Failure' || operation.status === 'Cancelled'
}

export function touch(operation: Operation): void {
  operation.updatedAt = timestampNow()
}

/** The operation as shown in answers. */
export function renderOperation(dialect: Dialect, operation: Operation): Record<string, unknown> {
  const metadata = metadataOf(dialect, operation)
  if (metadata === null || !dialect.progressInEventsOnly) return render(dialect, operation, metadata)
  const kept = Object.entries(metadata).filter(([key]) => !key.endsWith('progress'))
  return render(dialect, operation, Object.fromEntries(kept))
}

/** The operation as shown in events. */
export function renderOperationEvent(dialect: Dialect, operation: Operation): Record<string, unknown> {
  const hidden = dialect.hidesTokensInEvents && operation.class === 'token'
  return render(dialect, operation, hidden ? null : metadataOf(dialect, operation))
}

function metadataOf(dialect: Dialect, { metadata, entityUrl }: Operation): Record<string, unknown> | null {
  if (dialect.operationEntityUrl) return { entity_url: entityUrl, ...metadata }
  return metadata ?? dialect.noMetadata
}

function render(
  dialect: Dialect,
  operation: Operation,
  metadata: Record<string, unknown> | null,
): Record<string, unknown> {
  return {
    id: operation.id,
    class: operation.class,
    description: operation.description,
    created_at: operation.createdAt,
    updated_at: operation.updatedAt,
    status: operation.status,
    status_code: statusCodes[operation.status],
    resources: dialect.operationResources ? (operation.resources ?? dialect.noResources) : {},
    metadata,
    may_cancel: dialect.cancellable === 'always' || operation.mayCancel,
    err: operation.err,
    ...(dialect.operationErrCode ? { err_code: operation.errCode } : {}),
    location: operation.location,
    ...(dialect.operationRequestor ? { requestor: operation.requestor } : {}),
    ...(dialect.operationChildCount ? { child_count: 0 } : {}),
  }
}
