import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { readJson } from '../../call/read-json.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { findInstance } from './find-instance.ts'

/** `PATCH /1.0/instances/<name>`: changes `ephemeral`, which clients do to publish one, and the recorded base image. */
export async function patchInstance(call: Call): Promise<Response> {
  const { ephemeral, config } = decodeFields(await readJson(call.request), 'InstancePut', {
    ephemeral: 'bool',
    config: 'map[string]string',
  })
  const instance = findInstance(call)
  instance.ephemeral = ephemeral ?? instance.ephemeral ?? false
  const baseImage = config?.['volatile.base_image']
  if (baseImage !== undefined) instance.baseImage = baseImage
  return syncAnswer({})
}
