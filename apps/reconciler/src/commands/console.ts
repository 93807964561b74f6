import { stripVTControlCharacters, styleText } from 'node:util'
import { type Manifest, type Paint, plain, type Tone } from '@hyperkit/reconcile'
import { describeMessage, hideSecrets, type ProgressDocument } from '@hyperkit/reconcile/parts'
import { openScreen, type Screen } from '@hyperkit/terminal'

/** Where the command writes: stdout is the result, stderr is progress and complaint. */
export interface Console {
  /** As it is, without a line break added. */
  result(text: string): Promise<void>
  /** A line on stderr. */
  error(line: string): Promise<void>
  /** Lines at the end of stderr that the next ones replace; on a terminal only. */
  live(lines: readonly string[]): void
  /** A line of `--progress json`. */
  event(document: ProgressDocument): void
  /** From now on all that goes to stderr is lines of `--progress json`. */
  useEvents(): void
  /** Of the terminal at stderr. */
  size(): { columns: number; rows: number }
  /** Whether stderr is a terminal that can replace a line. */
  readonly isLive: boolean
  /** For what goes to stdout. */
  readonly paint: Paint
  /** For what goes to stderr. */
  readonly paintError: Paint
  /** From now on none of these is written anywhere. */
  hide(secrets: Manifest['secrets']): void
  /** A text without them, for what is written elsewhere. */
  hidden(text: string): string
  close(): Promise<void>
}

const styles = {
  add: 'green',
  change: 'yellow',
  remove: 'red',
  heading: 'bold',
  dim: 'dim',
  error: 'red',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>

export function createConsole(screen: Screen = openScreen()): Console {
  let isEvents = false
  let secrets: Manifest['secrets'] = []
  const writeEvent = (document: ProgressDocument): Promise<void> =>
    screen.error(hideSecrets(JSON.stringify(document), secrets))
  return {
    result: (text) => screen.out(hideSecrets(text, secrets)),
    error: (line) =>
      isEvents
        ? writeEvent(describeMessage(stripVTControlCharacters(line)))
        : screen.error(hideSecrets(line, secrets)),
    live: (lines) => screen.live(lines.map((line) => hideSecrets(line, secrets))),
    event(document) {
      void writeEvent(document)
    },
    useEvents() {
      isEvents = true
    },
    size: screen.size,
    isLive: screen.isLive,
    paint: screen.outHasColours ? painted : plain,
    paintError: screen.errorHasColours ? painted : plain,
    hide(given) {
      secrets = given
    },
    hidden: (text) => hideSecrets(text, secrets),
    close: screen.close,
  }
}

const painted: Paint = (tone, text) => styleText(styles[tone], text, { validateStream: false })
