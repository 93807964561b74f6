import * as v from 'valibot'
import { UsageHiddenError } from '../errors/errors.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { judgeCaller, permissionsOf } from '../model/caller.ts'
import { keeperOf } from '../model/project-features.ts'
import { findMissingEntitlements, type UsageProject } from './usage-visibility.ts'

const projectView = v.looseObject({ config: v.nullish(v.record(v.string(), v.string())) })

/**
 * Makes sure that this client sees everything that may use the images of a project. It asks the server each time, because rights change;
 * that costs one or two requests.
 *
 * @throws {UsageHiddenError} unless it is proven
 */
export async function requireUsageView(
  connection: Connection,
  project: string,
  { signal }: Pick<CallOptions, 'signal'>,
): Promise<void> {
  const { caller } = await connection.caller({ signal, fresh: true })
  const judgement = judgeCaller(caller)
  if (judgement === 'whole') return
  const missing =
    judgement === 'some'
      ? findMissingEntitlements(permissionsOf(caller), await readProject(connection, project, signal))
      : judgement.missing
  if (missing === undefined) return
  throw new UsageHiddenError(
    `Cannot tell which images of "${connection.name}" are in use: this client lacks ${missing}; instances that the server hides from it may use any of them`,
    { server: connection.name, missing },
  )
}

async function readProject(
  connection: Connection,
  name: string,
  signal: AbortSignal | undefined,
): Promise<UsageProject> {
  if (name === 'default') return { name, ownImages: true, ownProfiles: true }
  const { value } = await connection.inAllProjects().read(projectView, {
    method: 'GET',
    path: `/1.0/projects/${encodeURIComponent(name)}`,
    action: 'tell which images are in use',
    signal,
  })
  return {
    name,
    ownImages: keeperOf('images', name, value.config) === name,
    ownProfiles: keeperOf('profiles', name, value.config) === name,
  }
}
