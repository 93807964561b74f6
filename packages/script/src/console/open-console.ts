import { stripVTControlCharacters, styleText } from 'node:util'
import type { Screen } from '@hyperkit/terminal'
import { type Paint, plain, type Tone } from '@hyperkit/terminal/text'

/**
 * The terminal of a command, for texts that are safe and laid out already: stdout is the result, stderr is progress and
 * complaints.
 */
export interface Console {
  /** On stdout as it is, without a line break added. */
  result(text: string): Promise<void>
  /** A line on stderr that `--quiet` leaves out. */
  note(line: string): Promise<void>
  /** From now on `note`, `live` and the events that are notes write nothing. */
  leaveOutNotes(): void
  /** A line on stderr. */
  error(line: string): Promise<void>
  /** Lines at the end of stderr that the next ones replace; on a terminal only. `--quiet` leaves them out. */
  live(lines: readonly string[]): void
  /** A document as one line of JSON on stderr. `--quiet` leaves it out if it is a note. */
  event(document: object, options?: { isNote?: boolean }): void
  /** From now on each line on stderr is one of these documents. */
  describeLines(describe: (line: string) => object): void
  /** Of the terminal at stderr. */
  size(): { columns: number; rows: number }
  /** Whether stderr is a terminal that can replace a line. */
  readonly isLive: boolean
  /** Marks what goes to stdout. */
  readonly paint: Paint
  /** Marks what goes to stderr. */
  readonly paintError: Paint
  /** From now on each text goes through this before it is written: it takes secrets out. */
  hide(conceal: (text: string) => string): void
  /** A text as it would be written. */
  hidden(text: string): string
  /** Takes the live lines away, and waits for what was written. */
  close(): Promise<void>
  /** As `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** How {@link openConsole} writes. */
export interface OpenConsoleOptions {
  /** Whether colours are allowed; the screen says whether it has any. */
  hasColours: boolean
}

const styles = {
  add: 'green',
  change: 'yellow',
  remove: 'red',
  heading: 'bold',
  dim: 'dim',
  error: 'red',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>

const painted: Paint = (tone, text) => styleText(styles[tone], text, { validateStream: false })

/** A console over a screen. */
export function openConsole(screen: Screen, { hasColours }: OpenConsoleOptions): Console {
  let isQuiet = false
  let conceal = (text: string): string => text
  let describe: ((line: string) => object) | undefined
  const writeDocument = (document: object): Promise<void> => screen.error(conceal(JSON.stringify(document)))
  const error = (line: string): Promise<void> =>
    describe === undefined
      ? screen.error(conceal(line))
      : writeDocument(describe(stripVTControlCharacters(line)))
  return {
    result: (text) => screen.out(conceal(text)),
    note: async (line) => (isQuiet ? undefined : error(line)),
    leaveOutNotes() {
      isQuiet = true
    },
    error,
    live(lines) {
      if (!isQuiet) screen.live(lines.map(conceal))
    },
    event(document, { isNote = false } = {}) {
      if (!isQuiet || !isNote) void writeDocument(document)
    },
    describeLines(given) {
      describe = given
    },
    size: screen.size,
    isLive: screen.isLive,
    paint: hasColours && screen.outHasColours ? painted : plain,
    paintError: hasColours && screen.errorHasColours ? painted : plain,
    hide(given) {
      conceal = given
    },
    hidden: (text) => conceal(text),
    close: screen.close,
    [Symbol.asyncDispose]: screen.close,
  }
}
