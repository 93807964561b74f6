import * as v from 'valibot'
import { isWholeFingerprint } from '../arguments/fingerprint.ts'
import { nameMembers } from '../cluster/name-members.ts'
import { readCluster } from '../cluster/read-cluster.ts'
import { UsageHiddenError } from '../errors/errors.ts'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { supports } from '../model/supports.ts'
import { requireUsageView } from './require-usage-view.ts'

const config = v.nullish(v.record(v.string(), v.unknown()))

const configured = v.looseObject({ config, devices: v.nullish(v.record(v.string(), config)) })

const instance = v.looseObject({
  ...configured.entries,
  name: v.string(),
  project: v.optional(v.string(), 'default'),
  location: v.optional(v.string(), ''),
  snapshots: v.nullish(v.array(configured)),
})

/**
 * Fingerprints that instances, snapshots or profiles name: in `volatile.base_image`, or as any whole fingerprint in a configuration. It
 * reads all projects, because several projects can share their images.
 *
 * @throws {UsageHiddenError} if the server may hide some of them, or the members of its cluster, from this client
 * @throws {HyperkitError} `unavailable` if the server could not read every instance, or if a member of its cluster is down: nothing can be
 *   deleted then
 */
export async function listUsed(
  connection: Connection,
  { project = connection.project ?? 'default', ...options }: CallOptions = {},
): Promise<ReadonlySet<string>> {
  await requireUsageView(connection, project, options)
  const instances = await listEverywhere(connection, instance, 'instances', '2', options)
  // A server lists an instance by its name alone if its cluster member is down or its pool is gone.
  const unread = instances.find((one) => one.config === null || one.config === undefined)
  if (unread !== undefined)
    throw unavailable(
      connection,
      `the server could not read its instance "${unread.name}" (project "${unread.project}"); ${causeOf(unread)}`,
    )
  const cluster = await readCluster(connection, options)
  if (cluster.kind === 'hidden') throw hidden(connection, cluster.reason)
  const down = cluster.kind === 'cluster' ? cluster.members.filter(({ state }) => state === 'offline') : []
  if (down.length > 0)
    throw unavailable(connection, `${nameMembers(down)} of the cluster is down; start it again first`)
  const profiles = await listEverywhere(connection, configured, 'profiles', '1', options)
  const all = [...instances, ...instances.flatMap(({ snapshots }) => snapshots ?? []), ...profiles]
  return new Set(
    all
      .flatMap((one) => [one.config, ...Object.values(one.devices ?? {})])
      .flatMap((texts) => Object.values(texts ?? {}))
      .filter((text) => typeof text === 'string' && isWholeFingerprint(text)) as string[],
  )
}

/** A member that this client is not shown may be down, and its instances may use any image. */
function hidden({ name }: Connection, reason: string): UsageHiddenError {
  return new UsageHiddenError(
    `Cannot tell which images of "${name}" are in use: whether a member of its cluster is down is not shown to this client (${reason}), and the instances of a member that is down may use any of them`,
    { server: name, missing: 'the right to see the members of the cluster' },
  )
}

function unavailable(connection: Connection, why: string): HyperkitError {
  return new HyperkitError('unavailable', `Cannot list the images in use on "${connection.name}": ${why}`, {
    server: connection.name,
  })
}

function causeOf({ location }: v.InferOutput<typeof instance>): string {
  if (location === '' || location === 'none') return 'its storage pool may be down'
  return `start the cluster member "${location}" again, which has it, or check its storage pool`
}

/** @param recursion 2 includes the snapshots of instances */
async function listEverywhere<const Schema extends v.GenericSchema>(
  connection: Connection,
  schema: Schema,
  what: 'instances' | 'profiles',
  recursion: '1' | '2',
  options: CallOptions,
): Promise<v.InferOutput<Schema>[]> {
  const server = await connection.server(options)
  const extension = what === 'instances' ? 'instance_all_projects' : 'profiles_all_projects'
  const call = { method: 'GET', path: `/1.0/${what}`, action: `list ${what}`, ...options } as const
  const list = async (from: Connection, query: Record<string, string>): Promise<v.InferOutput<Schema>[]> =>
    (await from.read(v.nullish(v.array(schema)), { ...call, query: { recursion, ...query } })).value ?? []
  if (supports(server, extension)) return list(connection.inAllProjects(), { 'all-projects': 'true' })
  // LXD 5.0.2 lists the profiles of one project at a time.
  const found: v.InferOutput<Schema>[] = []
  for (const { name } of await listProjects(connection, options))
    try {
      for (const one of await list(connection.inProject(name), {})) found.push(one)
    } catch (error) {
      // This client sees every project, so this one was removed in the meantime, and only an empty project can be.
      if (!isHyperkitError(error, 'not-found')) throw error
    }
  return found
}

const projects = v.array(v.looseObject({ name: v.string() }))

async function listProjects(
  connection: Connection,
  options: CallOptions,
): Promise<v.InferOutput<typeof projects>> {
  const { value } = await connection.inAllProjects().read(projects, {
    method: 'GET',
    path: '/1.0/projects',
    query: { recursion: '1' },
    action: 'list projects',
    ...options,
  })
  return value
}
