import * as v from 'valibot'
import { isWholeFingerprint } from '../arguments/fingerprint.ts'
import { HyperkitError, isHyperkitError } from '../errors/hyperkit-error.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import { supports } from '../model/supports.ts'

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
 * A client that may see one project only is told of that, if its images are its own.
 *
 * @throws {HyperkitError} `unavailable` where the server could not say it of every instance, `not-authorized` where others may
 *   use the images unseen
 */
export async function listUsed(
  connection: Connection,
  options: CallOptions = {},
): Promise<ReadonlySet<string>> {
  await refuseHidden(connection, options)
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

/** Without `features.images` a project has the images of `default`, whose instances a client of this project may not see. */
async function refuseHidden(connection: Connection, options: CallOptions): Promise<void> {
  const project = options.project ?? connection.project
  if (project === undefined || project === 'default') return
  const { value } = await readProject(connection, project, options)
  if (value.config?.['features.images'] === 'true') return
  await readProject(connection, 'default', options)
}

const anyProject = v.looseObject({ config })

function readProject(connection: Connection, name: string, options: CallOptions) {
  return connection.read(anyProject, {
    method: 'GET',
    path: `/1.0/projects/${encodeURIComponent(name)}`,
    action: `see what uses the images of project "${name}"`,
    ...options,
  })
}

/** @param recursion 2 is what shows the snapshots of instances */
async function listEverywhere<const Schema extends v.GenericSchema>(
  connection: Connection,
  schema: Schema,
  what: 'instances' | 'profiles',
  recursion: '1' | '2',
  { project, ...options }: CallOptions,
): Promise<v.InferOutput<Schema>[]> {
  const server = await connection.server(options)
  const extension = what === 'instances' ? 'instance_all_projects' : 'profiles_all_projects'
  const everywhere = supports(server, extension) !== false
  const call = { method: 'GET', path: `/1.0/${what}`, action: `list ${what}`, ...options } as const
  const own = project ?? connection.project
  const readOwn = () =>
    connection.read(v.nullish(v.array(schema)), { ...call, query: { recursion }, project })
  const readAll = () =>
    connection
      .inAllProjects()
      .read(v.nullish(v.array(schema)), { ...call, query: { recursion, 'all-projects': 'true' } })
  const { value } = await (everywhere ? readAll() : readOwn()).catch((error: unknown) => {
    // LXD refuses this to clients of some projects, where Incus leaves the others out.
    const isRefused = everywhere && own !== undefined && isHyperkitError(error, 'not-authorized')
    if (isRefused) return readOwn()
    throw error
  })
  return value ?? []
}
