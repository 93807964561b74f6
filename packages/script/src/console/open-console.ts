import { stripVTControlCharacters, styleText } from 'node:util'
import { hideSecrets } from '@hyperkit/core/parts'
import type { Screen } from '@hyperkit/terminal'
import { type Paint, plain, showText, type Tone } from '@hyperkit/terminal/text'

/**
 * The terminal of a command. Results go to stdout, progress and messages to stderr. Whatever a text contains, only the colours of
 * `paint`, tabs and line breaks reach the terminal: other characters that control it are written out, such as `\u001b`.
 */
export interface Console {
  /** Prints a text on stdout unchanged, without adding a line break. */
  result(text: string): Promise<void>
  /** Prints a line on stderr, unless `--quiet` is given. */
  note(line: string): Promise<void>
  /** From now on `note`, `live` and the events that are notes write nothing. */
  leaveOutNotes(): void
  /** Prints a line on stderr. */
  error(line: string): Promise<void>
  /** Shows lines at the end of stderr that the next ones replace; on a terminal only, and not with `--quiet`. */
  live(lines: readonly string[]): void
  /** Prints a document as one line of JSON on stderr; not with `--quiet` if it is a note. */
  event(document: object, options?: { isNote?: boolean }): void
  /** From now on each line on stderr is one of these documents. */
  describeLines(describe: (line: string) => object): void
  /** The size of the terminal on stderr. */
  size(): { columns: number; rows: number }
  /** Whether stderr is a terminal that can replace a line. */
  readonly isLive: boolean
  /** Marks texts for stdout. */
  readonly paint: Paint
  /** Marks texts for stderr. */
  readonly paintError: Paint
  /** From now on each text is passed through this function before it is written, which removes secrets. */
  hide(conceal: (text: string) => string): void
  /** Returns a text as it would be written. */
  hidden(text: string): string
  /** Removes the live lines, and waits until everything is written. */
  close(): Promise<void>
  /** As `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Options of {@link openConsole}. */
export interface OpenConsoleOptions {
  /** Whether colours are allowed, if the screen supports them. */
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

let ownSequence: RegExp | undefined

/**
 * The sequences of `paint`. In JSON, which has none of them, written-out characters are escapes that mean the same. Made for a terminal only,
 * because the runtime loads much for it.
 */
function ownSequences(): RegExp {
  if (ownSequence !== undefined) return ownSequence
  const sequences = Object.keys(styles)
    .flatMap((tone) => painted(tone as Tone, ' ').split(' '))
    .map((sequence) => sequence.replace('[', '\\['))
  ownSequence = new RegExp(`(${sequences.join('|')})`)
  return ownSequence
}

function makeSafe(text: string, hasColours: boolean): string {
  const show = (part: string): string => showText(part, { keep: '\n\t' })
  if (!hasColours) return show(text)
  return text
    .split(ownSequences())
    .map((part, index) => (index % 2 === 1 ? part : show(part)))
    .join('')
}

/** Opens a console over a screen. */
export function openConsole(screen: Screen, { hasColours }: OpenConsoleOptions): Console {
  const outHasColours = hasColours && screen.outHasColours
  const errorHasColours = hasColours && screen.errorHasColours
  let isQuiet = false
  let conceal = (text: string): string => text
  let describe: ((line: string) => object) | undefined
  // Results may be secrets that the user asked for; messages never are.
  const toError = (text: string): string => makeSafe(hideSecrets(conceal(text)), errorHasColours)
  const writeDocument = (document: object): Promise<void> => screen.error(toError(JSON.stringify(document)))
  const error = (line: string): Promise<void> =>
    describe === undefined
      ? screen.error(toError(line))
      : writeDocument(describe(stripVTControlCharacters(line)))
  return {
    result: (text) => screen.out(makeSafe(conceal(text), outHasColours)),
    note: async (line) => (isQuiet ? undefined : error(line)),
    leaveOutNotes() {
      isQuiet = true
    },
    error,
    live(lines) {
      if (!isQuiet) screen.live(lines.map(toError))
    },
    event(document, { isNote = false } = {}) {
      if (!isQuiet || !isNote) void writeDocument(document)
    },
    describeLines(given) {
      describe = given
    },
    size: screen.size,
    isLive: screen.isLive,
    paint: outHasColours ? painted : plain,
    paintError: errorHasColours ? painted : plain,
    hide(given) {
      conceal = given
    },
    hidden: (text) => conceal(text),
    close: screen.close,
    [Symbol.asyncDispose]: screen.close,
  }
}
