import { setTimeout as delay } from 'node:timers/promises'
import type { Client, Image, OperationHandle } from '@hyperkit/core'
import type { CreateImageOptions } from '@hyperkit/core/parts'
import type { Simplestreams } from '../servers/start-simplestreams.ts'
import type { CaseContext } from './case-context.ts'
import type { ImageFile } from './image-files.ts'

/**
 * A download by the server that hangs in the middle until `source.release()`: an operation that runs as long as a
 * case needs, and that can be cancelled. It uses simplestreams, which every server reads.
 */
export interface HeldDownload {
  file: ImageFile
  /** The image's alias at the source. */
  alias: string
  source: Simplestreams
  handle: OperationHandle<Image>
}

export async function holdDownload(
  context: CaseContext,
  options: CreateImageOptions & { client?: Client } = {},
): Promise<HeldDownload> {
  const { client = context.client, ...creation } = options
  const file = await context.imageFile({ size: 2_000_000 })
  const alias = context.unique('held')
  const image = { os: 'Held', release: alias, aliases: [alias], image: file }
  const source = await context.simplestreams([image], { holdAfter: 1_000_000 })
  const handle = await client.images.createFromRemote(source.url, {
    ...creation,
    alias,
    protocol: 'simplestreams',
    sync: false,
  })
  await source.held
  // The source has sent its half; servers allow a cancellation only once they have read some of it.
  while (!(await client.operations.get(handle.id ?? '')).mayCancel) await delay(20)
  return { file, alias, source, handle }
}
