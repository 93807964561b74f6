import type { Client } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import type { ManifestServer } from '../manifest/manifest.ts'
import type { WatchEvent } from '../render/watch-event.ts'
import type { Feed, feedsOf } from './feeds-of.ts'
import type { Appointments } from './keep-appointments.ts'
import { listenServer } from './listen-server.ts'
import { addServer, type MetricsText } from './metrics/watch-metrics.ts'
import { type Concern, concerns } from './queue/concerns.ts'
import { coolDown } from './queue/cool-down.ts'

/** What a watch remembers of a server. */
export interface WatchedServer {
  readonly name: string
  isConnected: boolean
  /** Of the last run; undefined before the first. */
  isGood?: boolean
  /** Undefined where all is well. */
  failure?: string | undefined
  /** As one of this server, whose end is told too; else all servers have it, or it was told that it cannot be reached. */
  isToldAlone?: boolean
  /** All servers have it. */
  isShared?: boolean
  /** In a row. */
  failures: number
  /** Changes that were told as to be done, as a key. */
  pending: string
  concern?: Concern | undefined
  /** Images that others get from it. */
  feeds: readonly Feed[]
  /** When it was changed because of its events. */
  changedAt: number[]
}

export interface FleetOptions {
  signal: AbortSignal
  open(server: ManifestServer): Promise<Client>
  tell(event: WatchEvent): void
  metrics: MetricsText
  note: Appointments['note']
}

export interface Fleet {
  readonly servers: ReadonlyMap<string, WatchedServer>
  /** Listens to these from now on. Resolves when each was connected to or could not be. */
  follow(servers: readonly ManifestServer[], feeds: ReturnType<typeof feedsOf>): Promise<void>
  /** Resolves when nobody listens any more. */
  ended(): Promise<void>
}

/** Milliseconds from an event to the look: what belongs together comes within it. */
const eventDelay = 250
/** Milliseconds within which watchers that lost a server together come back to it. */
const comeBackWithin = 2_000

interface Listening {
  server: WatchedServer
  /** How it is reached. */
  key: string
  stop: AbortController
  ended: Promise<void>
  /** Resolves after the first attempt to connect. */
  tried: Promise<void>
}

/** Listens to the events of the manifest's servers, and notes what they are an occasion for. */
export function createFleet(options: FleetOptions): Fleet {
  const listening = new Map<string, Listening>()
  const servers = new Map<string, WatchedServer>()
  const leave = (name: string): Promise<void> | undefined => {
    const left = listening.get(name)
    left?.stop.abort()
    listening.delete(name)
    return left?.ended
  }
  return {
    servers,
    async follow(wanted, feeds) {
      for (const name of servers.keys())
        if (!wanted.some((server) => server.name === name)) {
          void leave(name)
          servers.delete(name)
          options.metrics.registry.remove({ server: name })
        }
      const attempts = wanted.map((server) => {
        const key = JSON.stringify([server.reach, server.project])
        let current = listening.get(server.name)
        if (current?.key !== key) {
          void leave(server.name)
          current = listen(server, key, servers.get(server.name), options)
          listening.set(server.name, current)
          servers.set(server.name, current.server)
        }
        current.server.feeds = feeds.get(server.name) ?? []
        return current.tried
      })
      await Promise.all(attempts)
    },
    async ended() {
      await Promise.all([...listening.keys()].map(leave))
    },
  }
}

function listen(
  target: ManifestServer,
  key: string,
  before: WatchedServer | undefined,
  { signal, open, tell, metrics, note }: FleetOptions,
): Listening {
  const { name } = target
  const { families } = metrics
  if (before === undefined) addServer(metrics, name)
  const server = before ?? { name, isConnected: false, failures: 0, pending: '', feeds: [], changedAt: [] }
  const stop = new AbortController()
  let lost: string | undefined
  let hasTried = false
  let finishTry = (): void => {}
  const tried = new Promise<void>((resolve) => {
    finishTry = resolve
  })
  const setConnected = (isConnected: boolean): void => {
    server.isConnected = isConnected
    families.connected.set(isConnected ? 1 : 0, { server: name })
  }
  setConnected(false)
  const ended = listenServer({
    signal: AbortSignal.any([signal, stop.signal]),
    open: () => open(target),
    onConnected() {
      setConnected(true)
      families.connections.add(1, { server: name })
      if (lost !== undefined) tell({ kind: 'server', server: name, state: 'connected' })
      lost = undefined
      // What happened while nobody listened is not told. The first time, the look that follows is noted by who starts.
      if (hasTried) note(name, Math.random() * comeBackWithin, 'connected')
      hasTried = true
      finishTry()
    },
    onEvent(event) {
      const fed = server.feeds.filter(({ concern }) => concerns(event, concern))
      for (const { to } of fed) for (const other of to) note(other, eventDelay, 'event')
      const isOurs = concerns(event, server.concern) || fed.length > 0
      if (typeof event.action === 'string' && event.action.startsWith('image-'))
        families.events.add(1, { server: name, concerns: String(isOurs) })
      if (isOurs) note(name, eventDelay + coolDown(server.changedAt, performance.now()), 'event')
    },
    onLost(error) {
      setConnected(false)
      const message = messageOf(error)
      if (message !== lost) tell({ kind: 'server', server: name, state: 'lost', message })
      lost = message
      hasTried = true
      finishTry()
    },
  })
  return { server, key, stop, tried, ended: ended.finally(finishTry) }
}
