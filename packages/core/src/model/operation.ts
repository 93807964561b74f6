import * as v from 'valibot'
import { tameWords } from './hide-secrets.ts'
import { readTime } from './server-time.ts'

/** The state of an operation; the last three are final. */
export type OperationState = 'pending' | 'running' | 'cancelling' | 'success' | 'failure' | 'cancelled'

/** A task of the server, as it was when it was read. */
export interface Operation {
  id: string
  /** `task`, `websocket` or `token`. */
  class: string
  description: string
  state: OperationState
  /** The server's own number: 103 running, 200 success, 400 failure, 401 cancelled (not "unauthorized"). */
  statusCode: number
  /** URLs by kind, such as `images`. LXD 6 leaves them out; there they are taken from the metadata, which name an image once it is known. */
  resources: Record<string, string[]>
  /** Progress while it runs, except on LXD 6.8 and newer; `{ fingerprint, size }` at the end of an operation on an image. */
  metadata: Record<string, unknown>
  /** On LXD 6.8 and newer true for every operation, even after its end. */
  mayCancel: boolean
  /** The server's own words; empty unless it failed. */
  error: string
  createdAt: Date | undefined
  updatedAt: Date | undefined
  /** The cluster member; `none` on a single server. */
  location: string | undefined
}

export const operationSchema = v.looseObject({
  id: v.string(),
  class: v.optional(v.string(), 'task'),
  description: v.optional(v.string(), ''),
  status_code: v.number(),
  resources: v.nullish(v.record(v.string(), v.nullable(v.array(v.string())))),
  metadata: v.nullish(v.record(v.string(), v.unknown())),
  may_cancel: v.optional(v.boolean(), false),
  err: v.optional(v.string(), ''),
  created_at: v.optional(v.string()),
  updated_at: v.optional(v.string()),
  location: v.optional(v.string()),
})

export function readOperation(raw: v.InferOutput<typeof operationSchema>): Operation {
  return {
    id: raw.id,
    class: raw.class,
    description: raw.description,
    state: stateOf(raw.status_code, raw.err),
    statusCode: raw.status_code,
    resources: readResources(raw.resources ?? {}, raw.metadata ?? {}),
    metadata: raw.metadata ?? {},
    mayCancel: raw.may_cancel,
    error: tameWords(raw.err),
    createdAt: readTime(raw.created_at),
    updatedAt: readTime(raw.updated_at),
    location: raw.location,
  }
}

/** LXD 6.7 and newer name the subject of an operation in `metadata.entity_url`; for an operation that makes an image, that is the project. */
function readResources(
  told: Record<string, string[] | null>,
  { entity_url: entity, fingerprint }: Record<string, unknown>,
): Record<string, string[]> {
  // Incus 7.0 lists an operation of a cluster with `{"cluster": null}`.
  const kinds = Object.entries(told)
  if (kinds.length > 0) return Object.fromEntries(kinds.map(([kind, urls]) => [kind, urls ?? []]))
  const url = typeof entity === 'string' ? entity : ''
  const [, kind = '', name = ''] = /^\/1\.0\/([\w-]+)\/([^/?]+)/.exec(url) ?? []
  if (kind !== '' && kind !== 'projects') return { [kind]: [url] }
  if (typeof fingerprint !== 'string' || !/^[0-9a-f]{64}$/.test(fingerprint)) return {}
  const project = kind === 'projects' && name !== 'default' ? `?project=${name}` : ''
  return { images: [`/1.0/images/${fingerprint}${project}`] }
}

export function isFinished(operation: Operation): boolean {
  return operation.state === 'success' || operation.state === 'failure' || operation.state === 'cancelled'
}

function stateOf(code: number, error: string): OperationState {
  // A cancelled download is "Cancelled" for a moment, and then "Failure" with Go's words.
  if (code === 401 || (code === 400 && error === 'context canceled')) return 'cancelled'
  if (code === 200) return 'success'
  if (code >= 400) return 'failure'
  if (code === 104) return 'cancelling'
  return code === 105 || code === 100 ? 'pending' : 'running'
}
