import * as v from 'valibot'
import { isWholeFingerprint } from '../arguments/fingerprint.ts'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'

const config = v.nullish(v.record(v.string(), v.unknown()))

const configured = v.looseObject({ config, devices: v.nullish(v.record(v.string(), config)) })

const instance = v.looseObject({
  ...configured.entries,
  name: v.string(),
  project: v.optional(v.string(), 'default'),
  snapshots: v.nullish(v.array(configured)),
})

/**
 * Fingerprints that instances, their snapshots or profiles name: `volatile.base_image`, and any other whole fingerprint in a
 * configuration. Looked at are all projects, because one project's images can be another one's, too.
 *
 * @throws {HyperkitError} `unavailable` where the server could not say it of every instance
 */
export async function listUsed(
  connection: Connection,
  options: CallOptions = {},
): Promise<ReadonlySet<string>> {
  const instances = await listEverywhere(connection, instance, 'instances', '2', options)
  // A server lists an instance of a cluster member that is down, or of a pool that is gone, by its name alone.
  const unread = instances.find((one) => one.config === null || one.config === undefined)
  if (unread !== undefined)
    throw new HyperkitError(
      'unavailable',
      `Cannot list the images in use on "${connection.name}": the server could not read its instance "${unread.name}" (project "${unread.project}"); a cluster member or a storage pool may be down`,
      { server: connection.name },
    )
  const profiles = await listEverywhere(connection, configured, 'profiles', '1', options)
  const all = [...instances, ...instances.flatMap(({ snapshots }) => snapshots ?? []), ...profiles]
  return new Set(
    all
      .flatMap((one) => [one.config, ...Object.values(one.devices ?? {})])
      .flatMap((texts) => Object.values(texts ?? {}))
      .filter((text) => typeof text === 'string' && isWholeFingerprint(text)) as string[],
  )
}

/** @param recursion 2 is what shows the snapshots of instances */
async function listEverywhere<const Schema extends v.GenericSchema>(
  connection: Connection,
  schema: Schema,
  what: 'instances' | 'profiles',
  recursion: '1' | '2',
  { project, ...options }: CallOptions,
): Promise<v.InferOutput<Schema>[]> {
  const { apiExtensions } = await connection.server(options)
  const everywhere = apiExtensions.has(
    what === 'instances' ? 'instance_all_projects' : 'profiles_all_projects',
  )
  const scope = everywhere ? connection.inAllProjects() : connection
  const { value } = await scope.read(v.nullish(v.array(schema)), {
    method: 'GET',
    path: `/1.0/${what}`,
    query: { recursion, ...(everywhere ? { 'all-projects': 'true' } : {}) },
    action: `list ${what}`,
    ...options,
    ...(everywhere || project === undefined ? {} : { project }),
  })
  return value ?? []
}
