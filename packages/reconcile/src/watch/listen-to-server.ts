import { type Client, type ConnectedEvent, ServerError, type ServerEvent } from '@hyperkit/core'
import type { EventsOptions } from '@hyperkit/core/parts'
import { pause } from '@hyperkit/core/parts'
import { readImagesProject } from '../observed/read-images-project.ts'
import { backOff } from './queue/back-off.ts'
import { type LifecycleEvent, operationAction } from './queue/event-filter.ts'
import { imagesOfOperation } from './queue/images-of-operation.ts'

export interface ListenToServerOptions {
  signal: AbortSignal
  /** Opens a new client for each connection, so that a certificate that was renewed meanwhile is used. */
  open(): Promise<Client>
  onConnected(): void
  onEvent(event: LifecycleEvent): void
  /** Called for each attempt that failed and each connection that was lost. */
  onLost(error: unknown): void
}

const pauses = { first: 500, most: 30_000 }
/** Milliseconds after which a connection counts as stable. */
const stableAfter = 30_000

/** Listens to the events of a server until the signal is aborted, and reconnects whenever the connection is lost. */
export async function listenToServer(options: ListenToServerOptions): Promise<void> {
  const { signal } = options
  let failures = 0
  while (!signal.aborted) {
    const begun = performance.now()
    try {
      await listenOnce(options)
    } catch (error) {
      if (signal.aborted) return
      options.onLost(error)
    }
    failures = performance.now() - begun >= stableAfter ? 1 : failures + 1
    await pause(backOff(failures, { ...pauses, random: Math.random() }), signal).catch(() => {})
  }
}

async function listenOnce({ signal, open, onConnected, onEvent }: ListenToServerOptions): Promise<void> {
  const client = await open()
  try {
    for await (const event of eventsOfImages(client, signal))
      if (event.type === 'connected') onConnected()
      else if (event.type === 'operation' && 'metadata' in event)
        for (const source of imagesOfOperation(event.metadata)) onEvent({ action: operationAction, source })
      else if ('metadata' in event) onEvent(event.metadata)
  } finally {
    client.close()
  }
}

/**
 * Events of the images of a project. The images of `default` can also be changed through each project without images of its own,
 * and then all events, lifecycle and operation, are sent in that project (LXD 5.0.2 to 6.9, Incus 6.0.4 and 7.0.2). A client that
 * may not listen to all projects gets only the events of its own.
 */
async function* eventsOfImages(
  client: Client,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent | ConnectedEvent, void> {
  const options: EventsOptions = { types: ['lifecycle', 'operation'], patience: 0, signal }
  const { projectName = 'default' } = client
  const isShared = projectName === 'default' || (await readImagesProject(client, signal)) !== projectName
  let isConnected = false
  try {
    for await (const event of client.events({ ...options, allProjects: isShared })) {
      isConnected = true
      yield event
    }
  } catch (error) {
    if (!isShared || isConnected || !(error instanceof ServerError)) throw error
    yield* client.events(options)
  }
}
