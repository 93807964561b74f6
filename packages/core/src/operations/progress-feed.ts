import { listenEvents } from '../events/listen-events.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { pause } from '../http/pause.ts'
import { supports } from '../model/supports.ts'

/** What events tell of one operation while it runs. */
export interface ProgressFeed {
  /** Names the operation: it was not known when the feed was opened. The feed closes itself when it ends. */
  follow(id: string): void
  /** Hands over the newest metadata of the operation, and whatever comes. */
  onMetadata(take: (metadata: Record<string, unknown>) => void): void
  close(): void
}

/** Milliseconds in which the events must be there; without them there is no progress, and nothing else is lost. */
const connectLimit = 5_000

/**
 * The progress of an operation that is about to begin, for a server that tells it in events only (LXD 6.8 and newer, T56).
 *
 * @returns undefined where other ways tell it, and where no events are to be had: this runtime's transport has no WebSocket,
 * the client may not listen
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
  // Lost, or ended: progress is told no more.
  listen().catch(() => undefined)
  return feed
}

/** Where that is not known, the client is a stranger, who may not listen to events. */
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
