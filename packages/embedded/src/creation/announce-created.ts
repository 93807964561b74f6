import type { Call } from '../call/context.ts'
import { emitImage } from '../call/emit-lifecycle.ts'
import type { ImageRecord } from '../records/records.ts'

export function announceCreated(call: Call, image: ImageRecord): void {
  emitImage(call, 'image-created', image.fingerprint, { type: image.type })
}
