import { OperationError, OutcomeUnknownError, ServerError, TransportError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { pause } from '../http/pause.ts'
import { isFinished, type Operation } from '../model/operation.ts'
import type { Progress } from '../model/progress.ts'
import { saysThat } from '../model/server-words.ts'
import { cancelOperation } from './cancel-operation.ts'
import { getOperation } from './get-operation.ts'
import { isOfDeadMember, longPoll } from './long-poll.ts'
import { operationId } from './operation-id.ts'
import { openProgressFeed, type ProgressFeed } from './progress-feed.ts'
import { progressReporter } from './report-progress.ts'

/** Options of waiting for an operation. */
export interface WaitOptions extends CallOptions {
  /** Milliseconds after which waiting ends with a `timeout` error; the operation goes on. @default no limit */
  timeout?: number | undefined
  /**
   * Called with each progress that differs from the one before. LXD 6.8 and newer report progress in events only: there it is not called if
   * the transport has no WebSocket (a worker's `fetch`) or the client may not listen to events.
   */
  onProgress?: ((progress: Progress) => void) | undefined
  /** Milliseconds to wait for a server that cannot be reached, for example while it restarts. @default 60000 */
  patience?: number | undefined
  /** The secret of a token operation, which lets an untrusted client wait for it. */
  secret?: string | undefined
}

/** Further options, for the rest of this package. */
export interface InnerWaitOptions extends WaitOptions {
  /** Ends the waiting with its reason, without cancelling anything. */
  leave?: AbortSignal | undefined
}

/**
 * Waits until an operation has succeeded.
 *
 * An abort cancels the operation if the server allows that, and rejects with the signal's reason.
 *
 * @throws {OperationError} `operation-failed`, `operation-cancelled`
 * @throws {OutcomeUnknownError} if the server has forgotten the operation, has gone away, or stopped during it
 * @param given the feed of progress that was opened before the operation began
 */
export async function waitOperation(
  connection: Connection,
  id: string,
  options: InnerWaitOptions = {},
  given?: ProgressFeed,
): Promise<Operation> {
  const operation = await settled(connection, operationId(id), options, given)
  if (operation.state === 'success') return operation
  if (operation.state === 'failure' && isLost(operation.error)) throw stopped(connection, operation)
  const what = operation.description ? `"${operation.description}"` : `operation ${operation.id}`
  if (operation.state === 'cancelled') {
    throw new OperationError(
      'operation-cancelled',
      `Cannot finish ${what} on "${connection.name}": it was cancelled`,
      {
        operation,
        server: connection.name,
      },
    )
  }
  throw new OperationError(
    'operation-failed',
    `Cannot finish ${what} on "${connection.name}": ${operation.error || 'the server gave no reason'}`,
    {
      operation,
      server: connection.name,
    },
  )
}

async function settled(
  connection: Connection,
  id: string,
  options: InnerWaitOptions,
  given: ProgressFeed | undefined,
): Promise<Operation> {
  const deadline =
    options.timeout === undefined ? undefined : AbortSignal.timeout(Math.max(0, options.timeout))
  const signals = [options.signal, options.leave, deadline].filter((signal) => signal !== undefined)
  const signal = signals.length === 0 ? undefined : AbortSignal.any(signals)
  let feed = given
  try {
    if (options.onProgress) feed ??= await openProgressFeed(connection, { signal, project: options.project })
    return await poll(connection, id, { ...options, signal }, feed)
  } catch (error) {
    if (options.signal?.aborted) {
      await cancelQuietly(connection, id, options)
      throw options.signal.reason
    }
    options.leave?.throwIfAborted()
    if (deadline?.aborted) {
      throw new TransportError(
        'timeout',
        `Cannot finish waiting for operation ${id} on "${connection.name}" within ${options.timeout} ms: it is still running`,
        {
          server: connection.name,
          cause: error,
        },
      )
    }
    throw error
  } finally {
    feed?.close()
  }
}

async function poll(
  connection: Connection,
  id: string,
  options: WaitOptions,
  feed: ProgressFeed | undefined,
): Promise<Operation> {
  const report = progressReporter(options.onProgress)
  feed?.follow(id)
  feed?.onMetadata(report)
  // Without events, progress must be read.
  const seconds = options.onProgress && feed === undefined ? 1 : 30
  const { patience = 60_000, signal, project } = options
  const call = { signal, project }
  let unreachableSince: number | undefined
  let deadSince: number | undefined
  for (;;) {
    const asked = performance.now()
    try {
      const waited = await longPoll(connection, id, { ...call, secret: options.secret, seconds })
      const operation = waited.ended ?? (await getOperation(connection, id, call))
      if (waited.down !== undefined && !isFinished(operation)) throw waited.down
      unreachableSince = undefined
      deadSince = undefined
      report(operation.metadata)
      if (isFinished(operation)) return operation
      // If a server answers the wait at once, do not ask it in a tight loop.
      if (performance.now() - asked < 200) await pause(200, options.signal)
    } catch (error) {
      options.signal?.throwIfAborted()
      if (error instanceof ServerError && error.status === 404) throw forgotten(connection, id, error)
      if (!isPassing(error)) throw error
      const now = Date.now()
      unreachableSince ??= now
      const hasOthers = connection.transport.addresses !== undefined
      deadSince = hasOthers && isOfDeadMember(error) ? (deadSince ?? now) : undefined
      const isGone = deadSince !== undefined && now - deadSince > Math.min(patience, memberPatience)
      if (isGone || now - unreachableSince > patience) throw gone(connection, id, error)
      await pause(250, options.signal)
    }
  }
}

/** A server that restarts closes connections, then refuses them, and then answers 503 for a while. */
function isPassing(error: unknown): boolean {
  return (
    isHyperkitError(error) &&
    ['unreachable', 'closed-without-answer', 'interrupted', 'timeout', 'unavailable'].includes(error.code)
  )
}

/** Milliseconds for which a member of a cluster may be down, as another member says, before its operation counts as lost with it. */
const memberPatience = 3_000

/** The error for an operation that the server no longer knows, or does not show to this client. */
function forgotten(connection: Connection, id: string, cause: ServerError): OutcomeUnknownError {
  const why =
    cause.code === 'not-found'
      ? 'the server no longer knows it (it was restarted, or the operation ended more than 5 seconds ago)'
      : cause.message
  return new OutcomeUnknownError(`Cannot tell how operation ${id} on "${connection.name}" ended: ${why}`, {
    server: connection.name,
    operationId: id,
    cause,
    verify: 'whether the result of the operation is there',
  })
}

/**
 * Whether the server stopped during the operation, whose work may or may not have been done: LXD after 6.9 keeps such an operation for a
 * minute (T57), and a server that shuts down loses its database first.
 */
function isLost(words: string): boolean {
  return (['operation-lost', 'unavailable', 'member-silent'] as const).some((meaning) =>
    saysThat(words, meaning),
  )
}

function stopped(connection: Connection, { id, description, error }: Operation): OutcomeUnknownError {
  return new OutcomeUnknownError(
    `Cannot tell how ${description ? `"${description}"` : `operation ${id}`} on "${connection.name}" ended: the server stopped in the middle of it (${error})`,
    {
      server: connection.name,
      operationId: id,
      verify: 'whether the result of the operation is there',
    },
  )
}

function gone(connection: Connection, id: string, cause: unknown): OutcomeUnknownError {
  const why = isOfDeadMember(cause)
    ? 'the member of the cluster that has it is down'
    : 'the server cannot be reached any more'
  return new OutcomeUnknownError(`Cannot tell how operation ${id} on "${connection.name}" ended: ${why}`, {
    server: connection.name,
    operationId: id,
    cause,
    verify: 'whether the result of the operation is there, once the server answers again',
  })
}

/**
 * Milliseconds in which an operation is cancelled after an abort. An address that hangs is left after 2 seconds, and one that only makes
 * connections after two thirds of the time; there must be some left for another one.
 */
const cancelLimits = { alone: 2_000, withOthers: 6_000 }

async function cancelQuietly(connection: Connection, id: string, options: WaitOptions): Promise<void> {
  const { addresses } = connection.transport
  const timeout = addresses === undefined ? cancelLimits.alone : cancelLimits.withOthers
  try {
    await cancelOperation(connection, id, {
      project: options.project,
      signal: AbortSignal.timeout(timeout),
      timeout,
    })
  } catch {
    // An operation that cannot be cancelled goes on. The caller gets the abort's reason in any case.
  }
}
