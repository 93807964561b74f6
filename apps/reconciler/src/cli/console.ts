import process from 'node:process'
import type { Writable } from 'node:stream'
import { stripVTControlCharacters, styleText } from 'node:util'
import type { Manifest } from '../manifest/manifest.ts'
import { type Paint, plain, type Tone } from '../render/paint.ts'
import { describeMessage, type ProgressDocument } from '../render/progress-document.ts'
import { hideSecrets } from './hide-secrets.ts'

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

interface Terminal extends Writable {
  isTTY?: boolean
  columns?: number
  rows?: number
}

const styles = {
  add: 'green',
  change: 'yellow',
  remove: 'red',
  heading: 'bold',
  dim: 'dim',
  error: 'red',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>

export function createConsole(
  stdout: Terminal = process.stdout,
  stderr: Terminal = process.stderr,
  environment: Record<string, string | undefined> = process.env,
): Console {
  // A reader that has seen enough (`| head`) is no error, and ends no apply.
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  const isLive = stderr.isTTY === true && environment.TERM !== 'dumb'
  let openLines = 0
  let isEvents = false
  let secrets: Manifest['secrets'] = []
  const closeLine = (): string => {
    const up = openLines > 1 ? `\u001b[${openLines - 1}A` : ''
    const wipe = openLines > 0 ? `\r${up}\u001b[J` : ''
    openLines = 0
    return wipe
  }
  const writeEvent = (document: ProgressDocument): Promise<void> =>
    write(stderr, `${hideSecrets(JSON.stringify(document), secrets)}\n`)
  return {
    result: async (text) => {
      if (openLines > 0) await write(stderr, closeLine())
      await write(stdout, hideSecrets(text, secrets))
    },
    error: (line) =>
      isEvents
        ? writeEvent(describeMessage(stripVTControlCharacters(line)))
        : write(stderr, `${closeLine()}${hideSecrets(line, secrets)}\n`),
    live(lines) {
      if (!isLive || (lines.length === 0 && openLines === 0)) return
      const shown = lines.map((line) => hideSecrets(line, secrets))
      stderr.write(`${closeLine()}${shown.join('\n')}`)
      openLines = lines.length
    },
    event(document) {
      void writeEvent(document)
    },
    useEvents() {
      isEvents = true
    },
    size: () => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 }),
    isLive,
    paint: hasColours(stdout, environment) ? painted : plain,
    paintError: hasColours(stderr, environment) ? painted : plain,
    hide(given) {
      secrets = given
    },
    hidden: (text) => hideSecrets(text, secrets),
    close: () => write(stderr, closeLine()),
  }
}

const painted: Paint = (tone, text) => styleText(styles[tone], text, { validateStream: false })

/** https://no-color.org and the habit of FORCE_COLOR, which wins. */
function hasColours(stream: Terminal, environment: Record<string, string | undefined>): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: terminal } = environment
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false'
  return (none === undefined || none === '') && stream.isTTY === true && terminal !== 'dumb'
}

/** Resolves when the text is on its way, also to who does not listen any more. */
function write(stream: Writable, text: string): Promise<void> {
  if (text === '' || stream.destroyed || stream.writableEnded) return Promise.resolve()
  return new Promise((resolve) => stream.write(text, () => resolve()))
}
