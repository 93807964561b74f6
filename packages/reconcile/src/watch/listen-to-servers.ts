import type { Client } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import type { ManifestServer } from '../manifest/manifest.ts'
import type { WatchEvent } from '../render/watch-event.ts'
import type { Scheduler } from './create-scheduler.ts'
import type { findDependents } from './find-dependents.ts'
import { listenToServer } from './listen-to-server.ts'
import { addServer, type MetricsText } from './metrics/watch-metrics.ts'
import { matchesFilter } from './queue/event-filter.ts'
import { flapDelay } from './queue/flap-damping.ts'
import type { WatchedServer } from './watched-server.ts'

export interface ListenToServersOptions {
  signal: AbortSignal
  open(server: ManifestServer): Promise<Client>
  tell(event: WatchEvent): void
  metrics: MetricsText
  enqueue: Scheduler['enqueue']
}

/** The connections of a watch, one for the events of each server. */
export interface ServerListeners {
  readonly servers: ReadonlyMap<string, WatchedServer>
  /** Listens to exactly these servers from now on. Resolves after one attempt to connect to each. */
  follow(servers: readonly ManifestServer[], dependents: ReturnType<typeof findDependents>): Promise<void>
  /** Passes begin without the servers that are not connected yet; each of them gets one when it is. */
  beginWithout(): void
  /** Resolves when every connection has ended. */
  ended(): Promise<void>
}

/** Milliseconds from an event to its pass: events that belong together arrive within it. */
const eventDelay = 250
/** Milliseconds within which watches that lost a server at the same time return to it. */
const reconnectWithin = 2_000

interface Listener {
  server: WatchedServer
  /** The server's address and project, as a key. */
  key: string
  stop: AbortController
  ended: Promise<void>
  /** Resolves after the first attempt to connect. */
  tried: Promise<void>
  beginWithout(): void
}

/** Listens to the events of the manifest's servers, and queues the passes that they call for. */
export function listenToServers(options: ListenToServersOptions): ServerListeners {
  const listeners = new Map<string, Listener>()
  const servers = new Map<string, WatchedServer>()
  const leave = (name: string): Promise<void> | undefined => {
    const left = listeners.get(name)
    left?.stop.abort()
    listeners.delete(name)
    return left?.ended
  }
  return {
    servers,
    async follow(wanted, dependents) {
      for (const name of servers.keys())
        if (!wanted.some((server) => server.name === name)) {
          void leave(name)
          servers.delete(name)
          options.metrics.registry.remove({ server: name })
        }
      const attempts = wanted.map((server) => {
        const key = JSON.stringify([server.reach, server.project])
        let current = listeners.get(server.name)
        if (current?.key !== key) {
          void leave(server.name)
          current = listen(server, key, servers.get(server.name), options)
          listeners.set(server.name, current)
          servers.set(server.name, current.server)
        }
        current.server.dependents = dependents.get(server.name) ?? []
        return current.tried
      })
      await Promise.all(attempts)
    },
    beginWithout() {
      for (const listener of listeners.values()) listener.beginWithout()
    },
    async ended() {
      await Promise.all([...listeners.keys()].map(leave))
    },
  }
}

function listen(
  target: ManifestServer,
  key: string,
  before: WatchedServer | undefined,
  { signal, open, tell, metrics, enqueue }: ListenToServersOptions,
): Listener {
  const { name } = target
  const { families } = metrics
  if (before === undefined) addServer(metrics, name)
  const server = before ?? {
    name,
    isConnected: false,
    failures: 0,
    pending: new Set(),
    dependents: [],
    changedAt: [],
  }
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
  const ended = listenToServer({
    signal: AbortSignal.any([signal, stop.signal]),
    open: () => open(target),
    onConnected() {
      setConnected(true)
      families.connections.add(1, { server: name })
      if (lost !== undefined) tell({ kind: 'server', server: name, state: 'connected' })
      lost = undefined
      // Servers do not repeat events that nobody listened to. After the first connection, the caller queues a pass itself.
      if (hasTried) enqueue(name, Math.random() * reconnectWithin, 'connected')
      hasTried = true
      finishTry()
    },
    onEvent(event) {
      const affected = server.dependents.filter(({ filter }) => matchesFilter(event, filter))
      for (const { servers } of affected) for (const other of servers) enqueue(other, eventDelay, 'event')
      const isOurs = matchesFilter(event, server.filter) || affected.length > 0
      if (typeof event.action === 'string' && event.action.startsWith('image-'))
        families.events.add(1, { server: name, concerns: String(isOurs) })
      if (isOurs) enqueue(name, eventDelay + flapDelay(server.changedAt, performance.now()), 'event')
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
  const beginWithout = (): void => {
    hasTried = true
  }
  return { server, key, stop, tried, beginWithout, ended: ended.finally(finishTry) }
}
