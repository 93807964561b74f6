import { TransportError } from '../errors/errors.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { pause } from '../http/pause.ts'
import type { Operation } from '../model/operation.ts'
import { listOperations } from '../operations/list-operations.ts'
import { operationId } from '../operations/operation-id.ts'
import { createsAnother, holdCreation, pushesTo } from '../operations/own-creations.ts'

export interface StandstillOptions extends CallOptions {
  /** `Cannot ${what} "server"` */
  what: string
  /** Of the image that was sent, if known. */
  fingerprint: string | undefined
  /** Milliseconds that the standstill may last. */
  patience: number
}

/**
 * On LXD 5.21 and newer, an image that was sent waits until a download of the same image by the server itself has ended, which is never if
 * the source of that download hangs (T70). The server does not report this. The sign is an older operation of the same kind that is still
 * running, and that this process has not begun for another image; without one, the server is only slow, and there is no limit.
 *
 * @returns a signal that is aborted with the error, and what starts the watch
 */
export function watchStandstill(
  connection: Connection,
  url: string | undefined,
  { what, fingerprint, patience, ...call }: StandstillOptions,
): { signal: AbortSignal; begin(ended: Promise<unknown>): void } {
  const leave = new AbortController()
  const watch = async (id: string, signal: AbortSignal): Promise<void> => {
    const until = performance.now() + patience
    for (;;) {
      await pause(patience / 5, signal)
      const others = await findOlder(connection, id, fingerprint, { ...call, signal })
      if (others.length === 0) return
      // As many of them as images are pushed here may be those pushes.
      const other = others[pushesTo(connection.transport.origin)]
      if (other !== undefined && performance.now() >= until)
        return leave.abort(standsStill(connection, what, patience, id, other))
    }
  }
  return {
    signal: leave.signal,
    begin(ended) {
      if (url === undefined) return
      const end = new AbortController()
      const id = operationId(url)
      holdCreation(id, 'another', ended)
      const stop = (): void => end.abort()
      ended.then(stop, stop)
      watch(id, end.signal).catch(() => undefined)
    },
  }
}

/**
 * The operations of the same kind that began earlier and are still running. In a cluster only those of the same member count: the others do not
 * wait for it, and LXD 6.9 shows those of a member that is down as running.
 */
async function findOlder(
  connection: Connection,
  id: string,
  fingerprint: string | undefined,
  call: CallOptions,
): Promise<Operation[]> {
  const all = await listOperations(connection, call)
  const own = all.find((operation) => operation.id === id)
  return all.filter(
    (operation) =>
      operation !== own &&
      !createsAnother(operation.id, fingerprint) &&
      operation.description === own?.description &&
      operation.location === own?.location &&
      ['running', 'cancelling'].includes(operation.state) &&
      (operation.createdAt ?? 0) <= (own.createdAt ?? 0),
  )
}

function standsStill(
  { name }: Connection,
  what: string,
  patience: number,
  id: string,
  other: Operation,
): TransportError {
  return new TransportError(
    'timeout',
    `Cannot ${what} "${name}": it was sent, but the server has not stored it within ${Math.round(patience / 1000)} seconds; it seems to be waiting for operation ${other.id} ("${other.description}"), perhaps of the same image; nothing was cancelled, and operation ${id} continues when that one has ended: check then whether the image is there`,
    { server: name },
  )
}
