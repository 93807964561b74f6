import { checkPrecondition } from '../../answer/check-precondition.ts'
import { syncAnswer } from '../../answer/envelope.ts'
import { HandlerPanic } from '../../answer/handler-panic.ts'
import { emitImage } from '../../events/emit-lifecycle.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { findImage } from '../../records/find-image.ts'
import { imagesProject } from '../../records/images-project.ts'
import type { Call } from '../../server/context.ts'
import { parseJson } from '../../server/read-json.ts'
import { withoutEmpty } from './properties.ts'
import { imageEtag } from './render-image.ts'

/** `PATCH /1.0/images/<fp>`: `public`, `auto_update` and `properties` only; the rest is ignored (T14). */
export async function patchImage(call: Call): Promise<Response> {
  const { server } = call
  const text = await call.request.text()
  // From here to the write nothing waits; the daemons do, and let several writers with one ETag through (T13).
  const image = findImage(server, imagesProject(call), call.params[0] ?? '')
  checkPrecondition(call.request, imageEtag(image))
  const fields = decodeFields(parseJson(text), 'ImagePut', {
    public: 'bool',
    auto_update: 'bool',
    properties: 'map[string]string',
  })
  // T3: the daemons write into the map that is not there.
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
