import { emitImage } from '../../events/emit-lifecycle.ts'
import type { ImageRecord } from '../../records/records.ts'
import type { Call } from '../../server/context.ts'

export function announceCreated(call: Call, image: ImageRecord): void {
  emitImage(call, 'image-created', image.fingerprint, { type: image.type })
}
