import { timestampNow } from '../json/timestamp.ts'

export type EventType = 'operation' | 'lifecycle' | 'logging'

export interface Subscription {
  types: ReadonlySet<string>
  /** `undefined` means all projects. */
  project: string | undefined
  /** One JSON text, newline at the end. */
  send(frame: string): void
  /** Called when the server ends. */
  end(): void
}

export interface EventHub {
  /** @param location the cluster member. @default 'none' */
  emit(type: EventType, project: string, metadata: unknown, location?: string): void
  /** @returns a function that ends the subscription */
  subscribe(subscription: Subscription): () => void
  /** Ends all subscriptions. */
  close(): void
}

export function createEventHub(): EventHub {
  const subscriptions = new Set<Subscription>()
  return {
    emit(type, project, metadata, location = 'none') {
      if (subscriptions.size === 0) return
      const frame = `${JSON.stringify({ type, timestamp: timestampNow(), metadata, location, project })}\n`
      for (const { types, project: wanted, send } of subscriptions) {
        if (types.has(type) && (wanted === undefined || wanted === project)) send(frame)
      }
    },
    subscribe(subscription) {
      subscriptions.add(subscription)
      return () => subscriptions.delete(subscription)
    },
    close() {
      const ended = [...subscriptions]
      subscriptions.clear()
      for (const subscription of ended) subscription.end()
    },
  }
}
