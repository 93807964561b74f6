/**
 * Functions on text for terminals: data in, data out.
 *
 * @example
 * ```ts
 * import { formatBytes, padToWidth, showText } from '@hyperkit/terminal/text'
 *
 * console.log(padToWidth(showText('ubuntu/noble'), 20), formatBytes(12_300_000))
 * ```
 *
 * @module
 */

export {
  type FollowedTransfer,
  followTransfer,
  type TransferReport,
  type TransferState,
} from './follow-transfer.ts'
export { formatBytes } from './format-bytes.ts'
export { nearestName } from './nearest-name.ts'
export { oldYamlScalar } from './old-yaml.ts'
export { type Paint, plain, type Tone } from './paint.ts'
export { readByteSize } from './read-byte-size.ts'
export { readDuration } from './read-duration.ts'
export { type Bar, factsOf, formatDuration, renderBars } from './render-bars.ts'
export { renderSlow } from './render-slow.ts'
export { showText } from './show-text.ts'
export { cutToWidth, largest, padToWidth, widthOf } from './text-width.ts'
