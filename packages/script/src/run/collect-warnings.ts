import type { Screen } from '@hyperkit/terminal'
import { showText } from '@hyperkit/terminal/text'

/** What went wrong in a run that goes on. */
export interface Warnings {
  readonly list: readonly string[]
  /** Prints a sentence on stderr, once, and keeps it. */
  take(sentence: string): void
}

export function collectWarnings(screen: Screen): Warnings {
  const list: string[] = []
  return {
    list,
    take(sentence) {
      if (list.includes(sentence)) return
      list.push(sentence)
      void screen.error(showText(`Warning: ${sentence}`, { keep: '\n\t' }))
    },
  }
}
