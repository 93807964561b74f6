import { OutcomeUnknownError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { isLost } from '../http/lost-answers.ts'
import { outlastElection } from '../http/outlast-election.ts'
import { isFinished, type Operation } from '../model/operation.ts'
import { listOperations } from '../operations/list-operations.ts'
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
 */
export async function beginCreation<T>(
  { transport }: Connection,
  { send, find, call }: Beginning<T>,
): Promise<T> {
  const addresses = transport.addresses?.origins.length ?? 0
  for (let attempt = 1; ; attempt++) {
    try {
      return await (addresses === 0 ? send() : outlastElection(call.signal, send))
    } catch (error) {
      call.signal?.throwIfAborted()
      if (attempt > addresses) throw error
      if (isLost(error)) {
        const found = await find()
        if (found !== undefined) return found
      } else if (addresses === 0 || !isHyperkitError(error, 'unreachable')) throw error
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
  const isThere = (await findImage(connection, fingerprint, call)) !== undefined
  return isThere && (await hasContent(connection, fingerprint, call))
    ? { operation: undefined, fingerprint }
    : undefined
}

/** One of the operations of a cluster can be the one whose answer was lost: another member may be doing the work. */
async function outlastOperations(connection: Connection, { signal, ...call }: CallOptions): Promise<void> {
  const end = performance.now() + patience
  for (const operation of await listOperations(connection, { ...call, signal })) {
    if (!mayCreate(operation)) continue
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

/** Whatever creates an image has this description. */
function mayCreate(operation: Operation): boolean {
  const { class: kind, description } = operation
  return kind === 'task' && description === 'Downloading image' && !isFinished(operation)
}
