// Texts as a terminal shows them: data in, data out.

export { formatBytes } from './format-bytes.ts'
export { nearestName } from './nearest-name.ts'
export { showText } from './show-text.ts'
export { cutToWidth, padToWidth, widthOf } from './text-width.ts'
