// Texts as a terminal shows them: data in, data out.

export {
  type FollowedTransfer,
  followTransfer,
  type TransferReport,
  type TransferState,
} from './follow-transfer.ts'
export { formatBytes } from './format-bytes.ts'
export { nearestName } from './nearest-name.ts'
export { type Bar, factsOf, formatDuration, renderBars } from './render-bars.ts'
export { showText } from './show-text.ts'
export { cutToWidth, padToWidth, widthOf } from './text-width.ts'
