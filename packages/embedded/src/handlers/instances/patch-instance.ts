import { syncAnswer } from '../../answer/envelope.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import type { Call } from '../../server/context.ts'
import { readJson } from '../../server/read-json.ts'
import { findInstance } from './find-instance.ts'

/** `PATCH /1.0/instances/<name>`: `ephemeral`, which is all that publishing needs to change. */
export async function patchInstance(call: Call): Promise<Response> {
  const { ephemeral } = decodeFields(await readJson(call.request), 'InstancePut', { ephemeral: 'bool' })
  const instance = findInstance(call)
  instance.ephemeral = ephemeral ?? instance.ephemeral ?? false
  return syncAnswer({})
}
