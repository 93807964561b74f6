import { showText } from '@hyperkit/terminal/text'
import type { Console } from '../console/open-console.ts'

/** The warnings of a run. */
export interface Warnings {
  readonly list: readonly string[]
  /** Prints a warning on stderr and keeps it; each only once. */
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
