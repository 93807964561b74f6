import { showText } from './show-text.ts'

/** One line while servers, or other things, do not answer. */
export function renderSlow(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => showText(name))
  const more = names.length - shown.length
  return `waiting for ${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`} …`
}
