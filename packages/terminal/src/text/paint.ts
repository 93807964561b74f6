/** How output marks what it says; a terminal has colours for it, a pipe has none. */
export type Tone = 'add' | 'change' | 'remove' | 'heading' | 'dim' | 'error'
/** Marks a text for output in a tone. */
export type Paint = (tone: Tone, text: string) => string

/**
 * Marks nothing: for pipes and files.
 *
 * @example
 * ```ts
 * import { type Paint, plain } from '@hyperkit/terminal/text'
 *
 * const paint: Paint = process.stdout.isTTY
 *   ? (tone, text) => (tone === 'error' ? `\x1b[31m${text}\x1b[0m` : text)
 *   : plain
 * console.log(paint('error', 'It failed'))
 * ```
 */
export const plain: Paint = (_, text) => text
