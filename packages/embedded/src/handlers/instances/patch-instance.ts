import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { readJson } from '../../call/read-json.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { findInstance } from './find-instance.ts'

/** `PATCH /1.0/instances/<name>`: `ephemeral`, for who publishes one, and the image that it names as its own. */
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
