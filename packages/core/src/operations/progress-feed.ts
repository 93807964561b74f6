import { listenEvents } from '../events/listen-events.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { pause } from '../http/pause.ts'
import { supports } from '../model/supports.ts'

/** The events about one operation while it runs. */
export interface ProgressFeed {
  /** Sets the operation, whose id was not known when the feed was opened. The feed closes itself at the end of the operation. */
  follow(id: string): void
  /** Gives the newest metadata of the operation, and all later ones. */
  onMetadata(take: (metadata: Record<string, unknown>) => void): void
  close(): void
}

/** Milliseconds in which the events must be connected; without them only the progress is missing. */
const connectLimit = 5_000

/**
 * Follows the progress of an operation that is about to begin, on a server that reports it in events only (LXD 6.8 and newer, T56).
 *
 * @returns undefined if the server reports progress elsewhere, or events are not available: the transport has no WebSocket, or the client
 * may not listen
 */
export async function openProgressFeed(
  connection: Connection,
  options: CallOptions,
): Promise<ProgressFeed | undefined> {
  if (connection.transport.openMessages === undefined || !(await needsEvents(connection, options)))
    return undefined
  const end = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, end.signal]) : end.signal
  const events = listenEvents(connection, { types: ['operation'], project: options.project, signal })
  const connected = await Promise.race([
    events.next().then(
      () => true,
      () => false,
    ),
    pause(connectLimit, signal).then(
      () => false,
      () => false,
    ),
  ])
  if (!connected) {
    end.abort()
    return undefined
  }
  const feed = createFeed(() => end.abort())
  const listen = async (): Promise<void> => {
    for await (const event of events) if ('metadata' in event) feed.take(event.metadata)
  }
  // After a lost connection, no more progress is reported.
  listen().catch(() => undefined)
  return feed
}

/** If the extensions are unknown, the client is a stranger, which may not listen to events. */
async function needsEvents(connection: Connection, options: CallOptions): Promise<boolean> {
  const server = await connection.server(options)
  const extension = server.dialect.operationsFromDatabase
  return extension !== undefined && supports(server, extension) === true
}

function createFeed(close: () => void): ProgressFeed & { take(event: Record<string, unknown>): void } {
  const newest = new Map<string, Record<string, unknown>>()
  const ended = new Set<string>()
  let mine: string | undefined
  let tell: ((metadata: Record<string, unknown>) => void) | undefined
  return {
    take({ id, metadata, status_code }) {
      if (typeof id !== 'string' || (mine !== undefined && id !== mine)) return
      if (metadata !== null && typeof metadata === 'object') {
        newest.set(id, metadata as Record<string, unknown>)
        if (id === mine) tell?.(metadata as Record<string, unknown>)
      }
      if (Number(status_code) < 200) return
      ended.add(id)
      if (id === mine) close()
    },
    follow(id) {
      mine = id
      if (ended.has(id)) close()
    },
    onMetadata(take) {
      tell = take
      const metadata = mine === undefined ? undefined : newest.get(mine)
      if (metadata) take(metadata)
    },
    close,
  }
}
