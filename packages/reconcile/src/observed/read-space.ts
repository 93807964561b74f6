import { type Client, isHyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import * as v from 'valibot'
import type { ImageSpace } from './image-space.ts'

/** Options of {@link readSpace}. */
export interface ReadSpaceOptions {
  signal?: AbortSignal | undefined
  /** Milliseconds in which the server must say it: a pool may hang, and a plan does not need it. @default 10_000 */
  patience?: number | undefined
}

const settings = v.looseObject({ config: v.nullish(v.record(v.string(), v.unknown())) })
const amount = v.looseObject({ used: v.optional(v.number(), 0), total: v.optional(v.number(), 0) })
const resources = v.looseObject({ space: amount })
const volumeState = v.looseObject({ usage: v.nullish(amount) })
const pools = v.array(
  v.looseObject({
    name: v.string(),
    driver: v.optional(v.string()),
    config: v.nullish(
      v.looseObject({ source: v.optional(v.string()), 'lvm.use_thinpool': v.optional(v.string()) }),
    ),
  }),
)

type Pool = v.InferOutput<typeof pools>[number]
type Ask = (path: string, more?: { query?: Record<string, string>; project?: string }) => Promise<unknown>

/**
 * Reads how much space is free where a server stores images. No call of LXD and Incus reports that of the host's disk, so without
 * `storage.images_volume` only a pool beside the images can tell.
 */
export async function readSpace(
  client: Client,
  { signal, patience = 10_000 }: ReadSpaceOptions = {},
): Promise<ImageSpace> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), patience)
  try {
    return await askForSpace(
      client,
      signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
    )
  } catch (error) {
    signal?.throwIfAborted()
    if (late.signal.aborted) return hidden(`the server did not report it within ${patience / 1000} seconds`)
    if (isHyperkitError(error, 'not-authorized')) return hidden('this client may not read it')
    return hidden(
      error instanceof v.ValiError ? 'the answer of the server was not understood' : messageOf(error),
    )
  } finally {
    clearTimeout(timer)
  }
}

async function askForSpace(client: Client, signal: AbortSignal): Promise<ImageSpace> {
  const ask: Ask = async (path, more) =>
    (await client.request({ method: 'GET', path, action: 'read the free space', signal, ...more })).metadata
  const { clustered } = await client.server({ signal })
  if (clustered) return hidden('each member of the cluster has its own')
  const config = v.parse(settings, await ask('/1.0')).config ?? {}
  const volume = volumeOf(config, client.projectName)
  // A client with limited rights is shown no settings, so a volume may be set.
  if (volume === undefined && Object.keys(config).every((key) => key.startsWith('user.')))
    return hidden('the server does not show its settings to this client')
  const list = v.parse(pools, (await ask('/1.0/storage-pools', { query: { recursion: '1' } })) ?? [])
  if (volume !== undefined) return spaceOfVolume(volume, list, ask)
  const beside = list.find(
    ({ name, driver, config }) => driver === 'dir' && config?.source?.endsWith(`/storage-pools/${name}`),
  )
  if (beside === undefined) return hidden("the server does not report that of the host's disk")
  return found('likely', beside.name, await freeInPool(beside.name, ask))
}

/** A volume with a size can be full while its pool is not, and its pool can be full first. */
async function spaceOfVolume({ pool, volume }: Volume, list: readonly Pool[], ask: Ask): Promise<ImageSpace> {
  const left = await freeInVolume({ pool, volume }, ask)
  if (isThick(list.find(({ name }) => name === pool)))
    return left === undefined
      ? hidden(`its volume "${pool}/${volume}" has a size of its own, and the server does not report it`)
      : found('seen', pool, left)
  const inPool = await freeInPool(pool, ask)
  return found(
    'seen',
    pool,
    left === undefined || inPool === undefined ? (left ?? inPool) : Math.min(left, inPool),
  )
}

/** The free bytes of a volume that has a size; servers report none for others, and in a `dir` pool without quotas. */
async function freeInVolume({ pool, volume }: Volume, ask: Ask): Promise<number | undefined> {
  const path = `/1.0/storage-pools/${encodeURIComponent(pool)}/volumes/custom/${encodeURIComponent(volume)}/state`
  // The volumes for images of all projects are in this one.
  const state = await ask(path, { project: 'default' }).catch((error: unknown) => {
    if (isUntold(error)) return {}
    throw error
  })
  const { used, total } = v.parse(volumeState, state).usage ?? { used: 0, total: 0 }
  return total > 0 ? Math.max(0, total - used) : undefined
}

/** LXD 5.0 answers so where Incus answers without a usage. */
function isUntold(error: unknown): boolean {
  return (
    isHyperkitError(error, 'server-error') &&
    'serverMessage' in error &&
    error.serverMessage === 'Not supported'
  )
}

async function freeInPool(pool: string, ask: Ask): Promise<number | undefined> {
  const path = `/1.0/storage-pools/${encodeURIComponent(pool)}/resources`
  const { used, total } = v.parse(resources, await ask(path)).space
  // Servers leave out what is 0, and drivers that cannot tell report nothing.
  return total === 0 ? undefined : Math.max(0, total - used)
}

/** Whether volumes take all their bytes from the pool when they are made. */
function isThick(pool: Pool | undefined): boolean {
  return pool?.driver === 'lvm' && pool.config?.['lvm.use_thinpool'] === 'false'
}

function found(status: 'seen' | 'likely', pool: string, free: number | undefined): ImageSpace {
  return free === undefined ? hidden(`its pool "${pool}" does not report it`) : { status, pool, free }
}

function hidden(why: string): ImageSpace {
  return { status: 'hidden', why }
}

interface Volume {
  pool: string
  volume: string
}

/** The volume for images, of all projects or, on newer LXD, of one. */
function volumeOf(config: Readonly<Record<string, unknown>>, project = 'default'): Volume | undefined {
  const value = config[`storage.project.${project}.images_volume`] ?? config['storage.images_volume']
  if (typeof value !== 'string' || value === '') return undefined
  const [pool = '', volume = ''] = value.split('/')
  return { pool, volume }
}
