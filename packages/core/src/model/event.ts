import * as v from 'valibot'

/** Something that happened on a server. */
export interface ServerEvent {
  type: 'operation' | 'lifecycle' | 'logging'
  at: Date
  /** The cluster member. */
  location: string | undefined
  project: string | undefined
  /** An operation, or `{ action, source, … }` of a lifecycle event; as the server sent it. */
  metadata: Record<string, unknown>
}

/** The connection was made, or made again. Events in between are lost: read the state again. */
export interface ConnectedEvent {
  type: 'connected'
  at: Date
  /** 0 for the first time. */
  reconnects: number
}

export const eventSchema = v.looseObject({
  type: v.picklist(['operation', 'lifecycle', 'logging']),
  timestamp: v.string(),
  location: v.optional(v.string()),
  project: v.optional(v.string()),
  metadata: v.nullish(v.record(v.string(), v.unknown())),
})
