/** How output marks what it says; a terminal has colours for it, a pipe has none. */
export type Tone = 'add' | 'change' | 'remove' | 'heading' | 'dim' | 'error'
/** Marks a text for output in a tone. */
export type Paint = (tone: Tone, text: string) => string

/** Marks nothing: for pipes and files. */
export const plain: Paint = (_, text) => text
