import type { Change } from '../documents/plan.ts'
import { shorten, showName } from './describe-change.ts'

/** How progress names a transfer: by its server and image. */
export function labelTransfer(server: string, { image, fingerprint }: Change): string {
  return `${showName(server)}: ${image === '' ? shorten(fingerprint) : showName(image)}`
}
