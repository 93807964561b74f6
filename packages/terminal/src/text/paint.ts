/** The meaning of a text in output; a terminal shows it as a colour. */
export type Tone = 'add' | 'change' | 'remove' | 'heading' | 'dim' | 'error'
/** Colours a text for a tone. */
export type Paint = (tone: Tone, text: string) => string

/**
 * Leaves text unchanged, for pipes and files.
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
