import { showText } from '@hyperkit/terminal/text'
import type { Console } from '../console/open-console.ts'

/** What went wrong in a run that goes on. */
export interface Warnings {
  readonly list: readonly string[]
  /** Prints a sentence on stderr, once, and keeps it. */
  take(sentence: string): void
}

export function collectWarnings(console: Console): Warnings {
  const list: string[] = []
  return {
    list,
    take(sentence) {
      if (list.includes(sentence)) return
      list.push(sentence)
      void console.error(showText(`Warning: ${sentence}`, { keep: '\n\t' }))
    },
  }
}
