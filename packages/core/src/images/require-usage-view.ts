import * as v from 'valibot'
import { UsageHiddenError } from '../errors/errors.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { supports } from '../model/supports.ts'
import {
  type CallerIdentity,
  findMissingEntitlements,
  judgeCaller,
  type UsageProject,
} from './usage-visibility.ts'

const config = v.nullish(v.record(v.string(), v.unknown()))

const serverView = v.looseObject({
  auth: v.optional(v.string(), 'untrusted'),
  auth_user_method: v.optional(v.string()),
  config,
})

const identityView = v.looseObject({
  type: v.string(),
  fine_grained: v.optional(v.boolean()),
  effective_permissions: v.nullish(
    v.array(v.looseObject({ entity_type: v.string(), url: v.string(), entitlement: v.string() })),
  ),
})

const projectView = v.looseObject({ config: v.nullish(v.record(v.string(), v.string())) })

/**
 * Makes sure that this client is shown all that may use the images of a project. Asked each time: rights change, and it
 * costs one request or two.
 *
 * @throws {UsageHiddenError} where it is not, or where nothing proves that it is
 */
export async function requireUsageView(
  connection: Connection,
  project: string,
  { signal }: Pick<CallOptions, 'signal'>,
): Promise<void> {
  const action = 'tell which images are in use'
  const ask = { method: 'GET', action, signal } as const
  const server = await connection.server({ signal })
  const { value } = await connection.inAllProjects().read(serverView, { ...ask, path: '/1.0' })
  const method = value.auth_user_method
  const caller = {
    kind: server.dialect.kind,
    trusted: value.auth === 'trusted',
    method,
    config: value.config,
  }
  // Over the socket nobody is an identity.
  const hasIdentity = caller.trusted && method !== 'unix' && supports(server, 'access_management') === true
  const identity = hasIdentity ? await readIdentity(connection, ask) : undefined
  const judgement = judgeCaller({ ...caller, identity })
  if (judgement === 'whole') return
  const missing =
    judgement === 'some'
      ? findMissingEntitlements(identity?.permissions ?? [], await readProject(connection, project, ask))
      : judgement.missing
  if (missing === undefined) return
  throw new UsageHiddenError(
    `Cannot tell which images of "${connection.name}" are in use: this client lacks ${missing}; what the server does not show it may use any of them`,
    { server: connection.name, missing },
  )
}

type Ask = { method: 'GET'; action: string; signal: AbortSignal | undefined }

async function readIdentity(connection: Connection, ask: Ask): Promise<CallerIdentity> {
  const path = '/1.0/auth/identities/current'
  const { value } = await connection.inAllProjects().read(identityView, { ...ask, path })
  return {
    type: value.type,
    fineGrained: value.fine_grained,
    permissions: (value.effective_permissions ?? []).map(({ entity_type, url, entitlement }) => ({
      entityType: entity_type,
      url,
      entitlement,
    })),
  }
}

async function readProject(connection: Connection, name: string, ask: Ask): Promise<UsageProject> {
  if (name === 'default') return { name, ownImages: true, ownProfiles: true }
  const path = `/1.0/projects/${encodeURIComponent(name)}`
  const { value } = await connection.inAllProjects().read(projectView, { ...ask, path })
  const has = (feature: string): boolean => value.config?.[`features.${feature}`] === 'true'
  return { name, ownImages: has('images'), ownProfiles: has('profiles') }
}
