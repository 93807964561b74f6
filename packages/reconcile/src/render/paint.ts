/** How output marks what it says; a terminal has colours for it, a pipe has none. */
export type Tone = 'add' | 'change' | 'remove' | 'heading' | 'dim' | 'error'
/** Marks a text for output in a tone. */
export type Paint = (tone: Tone, text: string) => string

/**
 * Marks nothing: for pipes and files.
 *
 * @example
 * ```ts
 * import { loadManifest, type Paint, plain, planManifest, renderPlan } from '@hyperkit/reconcile'
 *
 * const paint: Paint = process.stdout.isTTY
 *   ? (tone, text) => (tone === 'error' ? `\x1b[31m${text}\x1b[0m` : text)
 *   : plain
 * console.log(renderPlan(await planManifest(await loadManifest('images.yaml')), paint))
 * ```
 */
export const plain: Paint = (_, text) => text
