/** How output marks what it says; a terminal has colours for it, a pipe has none. */
export type Tone = 'add' | 'change' | 'remove' | 'heading' | 'dim' | 'error'
export type Paint = (tone: Tone, text: string) => string

export const plain: Paint = (_, text) => text
