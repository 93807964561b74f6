import { OutcomeUnknownError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { keepFirst } from '../http/keep-first.ts'
import { isLost } from '../http/lost-answers.ts'
import { messageOf } from '../model/message-of.ts'
import type { Operation } from '../model/operation.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { listOperations } from '../operations/list-operations.ts'
import { mayCreateImage } from '../operations/may-create-image.ts'
import { waitOperation } from '../operations/wait-operation.ts'
import { findImage } from './get-image.ts'
import { hasContent } from './has-content.ts'

export interface Beginning<T> {
  /** Sends the request, an upload with the first byte of its file. */
  send(): Promise<T>
  /** Looks for what a request whose answer was lost has created. */
  find(): Promise<T | undefined>
  call: CallOptions
}

/**
 * Begins work that creates an image. If the server has several addresses and the answer of one is lost, the image is looked for through
 * another; if it is not there, the work begins again there. A request that could not be sent begins again at once: the bytes of an
 * upload can be sent once only, so the transport cannot do that.
 *
 * @throws the first error if it remains unknown what became of it
 */
export async function beginCreation<T>(
  { transport: { addresses } }: Connection,
  { send, find, call }: Beginning<T>,
): Promise<T> {
  if (addresses === undefined) return send()
  const tried = new Set<string>()
  let first: unknown
  for (let attempt = 1; ; attempt++) {
    try {
      return await send()
    } catch (error) {
      call.signal?.throwIfAborted()
      tried.add(addresses.current())
      const isUnsent = isHyperkitError(error, 'unreachable')
      if (!isUnsent && !isLost(error)) throw error
      if (!isUnsent) first ??= error
      if (attempt > addresses.origins.length)
        throw first === undefined ? error : keepFirst(first, tried, error, 'sending it again failed')
      if (isUnsent) continue
      const found = await find().catch((second: unknown) => {
        call.signal?.throwIfAborted()
        throw second instanceof OutcomeUnknownError
          ? second
          : keepFirst(first, tried, second, 'looking for its outcome failed too')
      })
      if (found !== undefined) return found
    }
  }
}

/** Work that was begun, or its result, if it was found after the answer was lost. */
export interface Begun {
  operation: string | undefined
  fingerprint?: string | undefined
}

/** How the image of a request is recognized. */
export interface SoughtImage {
  /** If known beforehand. */
  fingerprint: string | undefined
  /** Whether the request has its own mark, and no fingerprint or source: done twice, it would create two images. */
  marked: boolean
  search(): Promise<string | undefined>
}

/** Milliseconds for which an operation is waited for that may be the one whose answer was lost. */
const patience = 300_000

/** Looks for the image of a request whose answer was lost. */
export async function findBegun(
  connection: Connection,
  { fingerprint, marked, search }: SoughtImage,
  call: CallOptions,
): Promise<Begun | undefined> {
  if (fingerprint === undefined) {
    if (marked) await outlastOperations(connection, call)
    const found = await search()
    return found === undefined ? undefined : { operation: undefined, fingerprint: found }
  }
  if ((await findImage(connection, fingerprint, call)) === undefined) return undefined
  try {
    const isWhole = await hasContent(connection, fingerprint, call)
    return isWhole ? { operation: undefined, fingerprint } : undefined
  } catch (error) {
    call.signal?.throwIfAborted()
    throw unreadable(connection, fingerprint, error)
  }
}

/** The file may be on a member that is down, and complete. */
function unreadable({ name }: Connection, fingerprint: string, cause: unknown): OutcomeUnknownError {
  return new OutcomeUnknownError(
    `Cannot tell if a request to "${name}" whose answer was lost created image ${shortFingerprint(fingerprint)}: its record is there, but its file cannot be read: ${messageOf(cause)}`,
    { server: name, verify: 'whether the image can be exported when all members are up', cause },
  )
}

/** One of the operations of a cluster can be the one whose answer was lost: another member may be doing the work. */
async function outlastOperations(connection: Connection, { signal, ...call }: CallOptions): Promise<void> {
  const end = performance.now() + patience
  for (const operation of await listOperations(connection, { ...call, signal })) {
    if (!mayCreateImage(operation)) continue
    const timeout = Math.max(1, Math.round(end - performance.now()))
    // How it ends is for whoever began it, and only they may cancel it: an abort ends the waiting alone.
    await waitOperation(connection, operation.id, { ...call, leave: signal, timeout }).catch(
      (error: unknown) => {
        signal?.throwIfAborted()
        if (isHyperkitError(error, 'timeout')) throw unclear(connection, operation)
      },
    )
  }
}

function unclear({ name }: Connection, { id }: Operation): OutcomeUnknownError {
  return new OutcomeUnknownError(
    `Cannot tell if a request to "${name}" whose answer was lost created an image: operation ${id}, which may be its work, is still running`,
    { server: name, operationId: id, verify: 'whether the image is there when that operation has ended' },
  )
}
