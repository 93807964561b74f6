import type { Bar } from '@hyperkit/terminal/text'
import { shorten, showName } from './describe-change.ts'
import type { Transfer } from './track-transfers.ts'

/** Names transfers by server and image, for their bars. */
export function labelTransfers(transfers: readonly Transfer[]): Bar[] {
  return transfers.map((transfer) => {
    const { image, fingerprint } = transfer.change
    const label = `${showName(transfer.server)}: ${image === '' ? shorten(fingerprint) : showName(image)}`
    return { ...transfer, label }
  })
}
