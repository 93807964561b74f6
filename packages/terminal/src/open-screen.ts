import process from 'node:process'
import type { Writable } from 'node:stream'

/** Where a command writes: stdout is the result, stderr is progress and complaint. */
export interface Screen {
  /** On stdout, as it is, without a line break added. Resolves when it is on its way. */
  out(text: string): Promise<void>
  /** A line on stderr. */
  error(line: string): Promise<void>
  /** Lines at the end of stderr that the next ones replace; on a terminal only. */
  live(lines: readonly string[]): void
  /** Of the terminal at stderr. */
  size(): { columns: number; rows: number }
  /** Whether stderr is a terminal that can replace a line. */
  readonly isLive: boolean
  readonly outHasColours: boolean
  readonly errorHasColours: boolean
  /** Takes the live lines away, and waits for what was written. */
  close(): Promise<void>
}

/** A stream that may be a terminal: `process.stdout`, or one of a test. */
export interface Terminal extends Writable {
  isTTY?: boolean
  columns?: number
  rows?: number
}

/** A reader that has seen enough (`| head`) is no error: what is written to it goes nowhere. */
export function openScreen(
  stdout: Terminal = process.stdout,
  stderr: Terminal = process.stderr,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Screen {
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  const isLive = stderr.isTTY === true && environment.TERM !== 'dumb'
  let openLines = 0
  const wipe = (): string => {
    const up = openLines > 1 ? `\u001b[${openLines - 1}A` : ''
    const text = openLines > 0 ? `\r${up}\u001b[J` : ''
    openLines = 0
    return text
  }
  return {
    async out(text) {
      if (openLines > 0) await write(stderr, wipe())
      await write(stdout, text)
    },
    error: (line) => write(stderr, `${wipe()}${line}\n`),
    live(lines) {
      if (!isLive || (lines.length === 0 && openLines === 0)) return
      stderr.write(`${wipe()}${lines.join('\n')}`)
      openLines = lines.length
    },
    size: () => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 }),
    isLive,
    outHasColours: hasColours(stdout, environment),
    errorHasColours: hasColours(stderr, environment),
    close: () => write(stderr, wipe()),
  }
}

/** https://no-color.org and the habit of FORCE_COLOR, which wins. */
function hasColours(stream: Terminal, environment: Readonly<Record<string, string | undefined>>): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: terminal } = environment
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false'
  return (none === undefined || none === '') && stream.isTTY === true && terminal !== 'dumb'
}

/** Resolves when the text is on its way, also to who does not listen any more. */
function write(stream: Writable, text: string): Promise<void> {
  if (text === '' || stream.destroyed || stream.writableEnded) return Promise.resolve()
  return new Promise((resolve) => stream.write(text, () => resolve()))
}
