import * as v from 'valibot'
import type { Caller, CallerIdentity } from '../model/caller.ts'
import type { ServerInfo } from '../model/server-info.ts'
import { supports } from '../model/supports.ts'
import type { Answer } from './answer.ts'
import type { Call, CallOptions } from './call.ts'

const serverView = v.looseObject({
  auth_user_method: v.optional(v.string()),
  config: v.nullish(v.record(v.string(), v.unknown())),
  client_certificate: v.optional(v.boolean()),
})

const identityView = v.looseObject({
  type: v.string(),
  fine_grained: v.optional(v.boolean()),
  effective_permissions: v.nullish(
    v.array(v.looseObject({ entity_type: v.string(), url: v.string(), entitlement: v.string() })),
  ),
})

/** What `GET /1.0` says about the client itself. */
export interface CallerFacts extends Caller {
  /** Whether a client certificate arrived; undefined if the server does not say (all but LXD 5.21.4 and newer). */
  certificateShown: boolean | undefined
}

export function readCaller(metadata: unknown, { dialect, trusted }: ServerInfo): CallerFacts {
  const read = v.safeParse(serverView, metadata)
  const {
    auth_user_method: method,
    config,
    client_certificate: certificateShown,
  } = read.success ? read.output : {}
  return { kind: dialect.kind, trusted, method, config, certificateShown }
}

/** Whether the server can say more about this client; over the socket, clients are not identities. */
export function hasIdentity({ trusted, method }: Caller, server: ServerInfo): boolean {
  return trusted && method !== 'unix' && supports(server, 'access_management') === true
}

/** @param ask sends without a project */
export async function readIdentity(
  ask: (call: Call) => Promise<Answer>,
  { signal }: Pick<CallOptions, 'signal'>,
): Promise<CallerIdentity | 'unread'> {
  const { metadata } = await ask({
    method: 'GET',
    path: '/1.0/auth/identities/current',
    action: 'read what this client may do',
    signal,
    plain: true,
  })
  const read = v.safeParse(identityView, metadata)
  // An identity that cannot be read proves no rights, and the server's configuration alone is not enough then.
  if (!read.success) return 'unread'
  return {
    type: read.output.type,
    fineGrained: read.output.fine_grained,
    permissions: (read.output.effective_permissions ?? []).map(({ entity_type, url, entitlement }) => ({
      entityType: entity_type,
      url,
      entitlement,
    })),
  }
}
