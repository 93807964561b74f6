import { holds, isFineGrained, judgeCaller, permissionsOf } from '../model/caller.ts'
import type { View } from '../model/view.ts'
import type { Call } from './call.ts'
import { readProject } from './read-project.ts'
import type { ViewSource } from './read-view.ts'
import { elsewhere, forbidden, hidden, lacking } from './reduced-views.ts'
import { untrustedView } from './untrusted-view.ts'

/**
 * Why something other than an image may exist although the answer was "not found". Servers answer that for instances, profiles,
 * projects and operations that they hide from a client (LXD 5.21 and newer, tried on 6.9).
 *
 * @returns undefined if "not found" is true, as far as is known
 */
export async function readUnseen(connection: ViewSource, call: Call): Promise<View | undefined> {
  const things = thingsOf(call.path)
  if (things === undefined) return undefined
  const { signal } = call
  const { caller, now } = await connection.caller({ signal })
  if (!caller.trusted) return untrustedView(caller, connection.transport.identity, now)
  const judgement = judgeCaller(caller)
  const { project = connection.project ?? 'default', isNamed } = projectOf(call)
  if (judgement === 'whole' || project === '') return undefined
  const found = await readProject(connection.inAllProjects(), project, signal)
  // For an operation that a certificate may not see, servers do not answer "not found".
  if (judgement !== 'some')
    return found === undefined && things !== 'operations' ? elsewhere(caller, project) : undefined
  if (found === undefined) return hidden(project, isNamed ? [] : [`can_view_${things}`])
  if (things !== 'instances' && things !== 'profiles') return undefined
  const [entitlement, keeper] =
    things === 'instances'
      ? (['can_view_instances', project] as const)
      : (['can_view_profiles', found.keeperOf('profiles')] as const)
  return holds(permissionsOf(caller), entitlement, keeper) ? undefined : lacking('part', entitlement, keeper)
}

/**
 * What a fine-grained identity lacks for a call that was refused.
 *
 * @returns undefined for other clients, whose view explains the refusal
 */
export async function readForbidden(connection: ViewSource, call: Call): Promise<View | undefined> {
  const { caller } = await connection.caller({ signal: call.signal })
  if (isFineGrained(caller) !== true) return undefined
  const project = call.project ?? connection.project ?? 'default'
  const found = await readProject(connection.inAllProjects(), project, call.signal)
  const entitlement = entitlementFor(call)
  if (found === undefined) return hidden(project, entitlement === undefined ? [] : [entitlement])
  if (entitlement === undefined) return forbidden
  const isOfImage = entitlement.includes('_image')
  return lacking('part', entitlement, isOfImage ? found.keeperOf('images') : project)
}

const kinds = ['instances', 'profiles', 'projects', 'operations'] as const

function thingsOf(path: string): (typeof kinds)[number] | undefined {
  return kinds.find((kind) => path.startsWith(`/1.0/${kind}`))
}

/** The project that a call is about. */
function projectOf({ path, project }: Call): { project: string | undefined; isNamed: boolean } {
  const [, name] = /^\/1\.0\/projects(?:\/([^/]*))?/.exec(path) ?? []
  return path.startsWith('/1.0/projects')
    ? { project: decodeURIComponent(name ?? ''), isNamed: true }
    : { project, isNamed: false }
}

/** From LXD's authorization model; tried on 6.9. */
const entitlements: readonly [method: RegExp, path: RegExp, entitlement: string][] = [
  [/POST/, /^\/1\.0\/images$/, 'can_create_images'],
  [/POST/, /^\/1\.0\/images\/aliases$/, 'can_create_image_aliases'],
  [/DELETE/, /^\/1\.0\/images\/aliases\//, 'can_delete_image_aliases'],
  [/PUT|PATCH|POST/, /^\/1\.0\/images\/aliases\//, 'can_edit_image_aliases'],
  [/DELETE/, /^\/1\.0\/images\//, 'can_delete_images'],
  [/PUT|PATCH|POST/, /^\/1\.0\/images\//, 'can_edit_images'],
  [/GET/, /^\/1\.0\/operations/, 'can_view_operations'],
  [/GET/, /^\/1\.0\/events$/, 'can_view_events'],
]

function entitlementFor({ method, path }: Call): string | undefined {
  return entitlements.find(([methods, paths]) => methods.test(method) && paths.test(path))?.[2]
}
