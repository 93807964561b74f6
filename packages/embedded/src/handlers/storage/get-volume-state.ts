import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { refusal } from '../../dialect/fill.ts'
import { poolsOf } from './pools.ts'

/** `GET /1.0/storage-pools/<pool>/volumes/custom/<volume>/state`. Servers leave out used bytes that are 0. */
export function getVolumeState({ server, params, project }: Call): Response {
  const { dialect, imageStore } = server
  const [name, volume] = params
  const pool = poolsOf(server).find((each) => each.name === name)
  if (pool === undefined) throw new Failure(404, 'Storage pool not found')
  if (
    imageStore === undefined ||
    imageStore.pool !== name ||
    imageStore.volume !== volume ||
    project !== 'default'
  )
    throw new Failure(
      404,
      `Storage volume "${volume}" in project "${project}" of type "custom" does not exist on pool "${name}": Storage volume not found`,
    )
  const { quota } = imageStore
  const usage =
    quota === undefined
      ? dialect.unmeasuredVolume
      : { ...(pool.used === 0 ? {} : { used: pool.used }), total: quota }
  if (usage !== null && 'words' in usage) throw refusal(usage)
  return syncAnswer({ usage })
}
