import { type Client, isHyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import * as v from 'valibot'
import type { ImageSpace } from './image-space.ts'

const settings = v.looseObject({ config: v.nullish(v.record(v.string(), v.unknown())) })
const resources = v.looseObject({
  space: v.looseObject({ used: v.optional(v.number(), 0), total: v.optional(v.number(), 0) }),
})
const pools = v.array(
  v.looseObject({
    name: v.string(),
    driver: v.optional(v.string()),
    config: v.nullish(v.looseObject({ source: v.optional(v.string()) })),
  }),
)

/**
 * Reads how much space is free where a server stores images. No call of LXD and Incus reports that of the host's disk, so without
 * `storage.images_volume` only a pool beside the images can tell.
 */
export async function readSpace(client: Client, signal: AbortSignal | undefined): Promise<ImageSpace> {
  const ask = async (path: string, query: Record<string, string> = {}): Promise<unknown> =>
    (await client.request({ method: 'GET', path, query, action: 'read the free space', signal })).metadata
  const freeIn = async (pool: string): Promise<number | undefined> => {
    const { used, total } = v.parse(
      resources,
      await ask(`/1.0/storage-pools/${encodeURIComponent(pool)}/resources`),
    ).space
    // Servers leave out what is 0, and drivers that cannot tell report nothing.
    return total === 0 ? undefined : Math.max(0, total - used)
  }
  try {
    const { clustered } = await client.server({ signal })
    if (clustered) return hidden('each member of the cluster has its own')
    const { config } = v.parse(settings, await ask('/1.0'))
    const volume = volumeOf(config ?? {}, client.projectName)
    if (volume !== undefined) {
      const pool = volume.split('/')[0] ?? ''
      return found('seen', pool, await freeIn(pool))
    }
    // A client with limited rights is shown no settings, so a volume may be set.
    if (Object.keys(config ?? {}).every((key) => key.startsWith('user.')))
      return hidden('the server does not show its settings to this client')
    const beside = v
      .parse(pools, (await ask('/1.0/storage-pools', { recursion: '1' })) ?? [])
      .find(
        ({ name, driver, config }) => driver === 'dir' && config?.source?.endsWith(`/storage-pools/${name}`),
      )
    if (beside === undefined) return hidden("the server does not report that of the host's disk")
    return found('likely', beside.name, await freeIn(beside.name))
  } catch (error) {
    signal?.throwIfAborted()
    if (isHyperkitError(error, 'not-authorized')) return hidden('this client may not read it')
    return hidden(
      error instanceof v.ValiError ? 'the answer of the server was not understood' : messageOf(error),
    )
  }
}

function found(status: 'seen' | 'likely', pool: string, free: number | undefined): ImageSpace {
  return free === undefined ? hidden(`its pool "${pool}" does not report it`) : { status, pool, free }
}

function hidden(why: string): ImageSpace {
  return { status: 'hidden', why }
}

/** `pool/volume`, for all projects or, on newer LXD, for one. */
function volumeOf(config: Readonly<Record<string, unknown>>, project = 'default'): string | undefined {
  const value = config[`storage.project.${project}.images_volume`] ?? config['storage.images_volume']
  return typeof value === 'string' && value !== '' ? value : undefined
}
