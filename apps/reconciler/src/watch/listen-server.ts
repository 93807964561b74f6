import type { Client } from '@hyperkit/core'
import { backOff } from '../agenda/back-off.ts'
import { type LifecycleEvent, operationAction } from '../agenda/concerns.ts'
import { imagesOfOperation } from '../agenda/images-of-operation.ts'
import { pauseFor } from './pause-for.ts'

export interface ListenServerOptions {
  signal: AbortSignal
  /** A client of its own for each connection, so that a certificate that was renewed meanwhile is shown. */
  open(): Promise<Client>
  onConnected(): void
  onEvent(event: LifecycleEvent): void
  /** Called for each attempt that failed and each connection that was lost. */
  onLost(error: unknown): void
}

const pauses = { first: 500, most: 30_000 }
/** Milliseconds after which a connection counts as one that holds. */
const holds = 30_000

/** Listens to the events of a server until the signal is aborted, and connects anew as often as it must. */
export async function listenServer(options: ListenServerOptions): Promise<void> {
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
    failures = performance.now() - begun >= holds ? 1 : failures + 1
    await pauseFor(backOff(failures, { ...pauses, random: Math.random() }), signal)
  }
}

async function listenOnce({ signal, open, onConnected, onEvent }: ListenServerOptions): Promise<void> {
  const client = await open()
  try {
    for await (const event of client.events({ types: ['lifecycle', 'operation'], patience: 0, signal }))
      if (event.type === 'connected') onConnected()
      else if (event.type === 'operation' && 'metadata' in event)
        for (const source of imagesOfOperation(event.metadata)) onEvent({ action: operationAction, source })
      else if ('metadata' in event) onEvent(event.metadata)
  } finally {
    client.close()
  }
}
