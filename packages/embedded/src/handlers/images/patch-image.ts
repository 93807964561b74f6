import { syncAnswer } from '../../answer/envelope.ts'
import { HandlerPanic } from '../../answer/handler-panic.ts'
import { checkPrecondition } from '../../call/check-precondition.ts'
import type { Call } from '../../call/context.ts'
import { emitImage } from '../../call/emit-lifecycle.ts'
import { parseJson } from '../../call/read-json.ts'
import { withoutEmpty } from '../../creation/without-empty.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { checkPublic } from './check-public.ts'
import { findChangeableImage } from './find-changeable-image.ts'
import { imageEtag } from './render-image.ts'

/** `PATCH /1.0/images/<fp>`: `public`, `auto_update` and `properties` only; the rest is ignored (T14). */
export async function patchImage(call: Call): Promise<Response> {
  const { server } = call
  const text = await call.request.text()
  // No await until the write. The daemons do wait here, and let several writers with the same ETag through (T13).
  const image = findChangeableImage(call)
  checkPrecondition(server.dialect, call.request, imageEtag(image))
  const body = parseJson(text)
  const fields = decodeFields(ownKeys(body), 'ImagePut', {
    public: 'bool',
    auto_update: 'bool',
    properties: 'map[string]string',
  })
  checkPublic(server.dialect, fields.public ?? image.public, image.project)
  // T3: the daemons write into a nil map.
  if (fields.properties === null && Object.keys(image.properties).length > 0)
    throw new HandlerPanic('nil map')
  await server.images.put({
    ...image,
    public: fields.public ?? image.public,
    autoUpdate: fields.auto_update ?? image.autoUpdate,
    properties: withoutEmpty({ ...image.properties, ...fields.properties }),
  })
  emitImage(call, 'image-updated', image.fingerprint)
  return syncAnswer({})
}

/** Unlike in other requests, keys match only in exactly this case. */
function ownKeys(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  return Object.fromEntries(Object.entries(body).filter(([key]) => key === key.toLowerCase()))
}
