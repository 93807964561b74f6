import { syncAnswer } from '../../answer/envelope.ts'
import { checkPrecondition } from '../../call/check-precondition.ts'
import type { Call } from '../../call/context.ts'
import { emitImage } from '../../call/emit-lifecycle.ts'
import { parseJson } from '../../call/read-json.ts'
import { withoutEmpty } from '../../creation/without-empty.ts'
import { refusal } from '../../dialect/fill.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { isZeroTime } from '../../json/timestamp.ts'
import { checkPublic } from './check-public.ts'
import { findChangeableImage } from './find-changeable-image.ts'
import { imageEtag } from './render-image.ts'

/** `PUT /1.0/images/<fp>`: absent fields are reset, except the expiry (T14). */
export async function updateImage(call: Call): Promise<Response> {
  const { server } = call
  const text = await call.request.text()
  // No await until the write. The daemons do wait here, and let several writers with the same ETag through (T13).
  const image = findChangeableImage(call)
  checkPrecondition(server.dialect, call.request, imageEtag(image))
  const fields = decodeFields(parseJson(text), 'ImagePut', {
    public: 'bool',
    auto_update: 'bool',
    properties: 'map[string]string',
    expires_at: 'time',
    profiles: '[]string',
  })
  const profiles = fields.profiles ?? ['default']
  checkProfiles(call, profiles)
  checkPublic(server.dialect, fields.public ?? false, image.project)
  const expiresAt = fields.expires_at ?? undefined
  await server.images.put({
    ...image,
    public: fields.public ?? false,
    autoUpdate: fields.auto_update ?? false,
    properties: withoutEmpty(fields.properties ?? {}),
    expiresAt: expiresAt === undefined || isZeroTime(expiresAt) ? image.expiresAt : expiresAt,
    profiles,
  })
  emitImage(call, 'image-updated', image.fingerprint)
  return syncAnswer({})
}

function checkProfiles({ server }: Call, profiles: readonly string[]): void {
  const unknown = profiles.find((name) => name !== 'default')
  if (unknown !== undefined) {
    throw refusal(server.dialect.unknownProfile, unknown)
  }
}
