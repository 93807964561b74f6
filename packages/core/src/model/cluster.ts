import * as v from 'valibot'
import { tameWords } from './hide-secrets.ts'

/** A server of a cluster, as the member that was asked sees it. */
export interface ClusterMember {
  /** Unique in the cluster; the `locations` of images and the `location` of operations name it. */
  name: string
  /** Its address: `https://10.1.0.7:8443`. */
  url: string
  /**
   * - `online`: it has sent a heartbeat within `cluster.offline_threshold` (20 seconds by default), so one that has just died is online too
   * - `offline`: it has not
   * - `other`: evacuated, blocked by another version, or joining; `status` says which
   */
  state: 'online' | 'offline' | 'other'
  /** The server's own word: `Online`, `Offline`, `Evacuated`, `Blocked`. */
  status: string
  /** The server's own words about its status: `No heartbeat for 14s (…)`. */
  message: string
  /** Such as `database-leader` and `database`. */
  roles: string[]
  /** The kernel's name: `x86_64`. */
  architecture: string
}

/**
 * The cluster of a server.
 *
 * - `single`: the server is not clustered
 * - `cluster`: its members, by name
 * - `hidden`: the server does not show this client whether it is clustered, or its members; `reason` says why
 */
export type Cluster =
  | { kind: 'single' }
  | { kind: 'cluster'; members: ClusterMember[] }
  | { kind: 'hidden'; reason: string }

export const clusterMemberSchema = v.looseObject({
  server_name: v.string(),
  url: v.optional(v.string(), ''),
  status: v.optional(v.string(), ''),
  message: v.optional(v.string(), ''),
  roles: v.nullish(v.array(v.string())),
  architecture: v.optional(v.string(), ''),
})

export function readClusterMember(raw: v.InferOutput<typeof clusterMemberSchema>): ClusterMember {
  return {
    name: raw.server_name,
    url: raw.url,
    state: states[raw.status.toLowerCase()] ?? 'other',
    status: raw.status,
    message: tameWords(raw.message),
    roles: raw.roles ?? [],
    architecture: raw.architecture,
  }
}

const states: Readonly<Record<string, ClusterMember['state']>> = { online: 'online', offline: 'offline' }
