import { fstatSync } from 'node:fs'
import process from 'node:process'
import { isatty } from 'node:tty'
import { descriptorOutlet } from './descriptor-outlet.ts'
import type { Outlet } from './outlet.ts'
import { streamOutlet } from './stream-outlet.ts'

declare global {
  // For programs whose `lib` lacks ESNext.Disposable; with it, the two declarations merge.
  interface SymbolConstructor {
    readonly dispose: unique symbol
    readonly asyncDispose: unique symbol
  }
  interface Disposable {
    [Symbol.dispose](): void
  }
  interface AsyncDisposable {
    [Symbol.asyncDispose](): PromiseLike<void>
  }
}

/** Where a command writes: its result to stdout, progress and errors to stderr. */
export interface Screen {
  /** Writes to stdout, without adding a line break. Resolves when the text was written. */
  out(text: string): Promise<void>
  /** Writes a line to stderr. */
  error(line: string): Promise<void>
  /** Shows lines at the end of stderr that the next call replaces; on a terminal only. */
  live(lines: readonly string[]): void
  /** The size of the terminal at stderr. */
  size(): { columns: number; rows: number }
  /** Whether stderr is a terminal that can replace a line. */
  readonly isLive: boolean
  /** Whether text on stdout may have colours. */
  readonly outHasColours: boolean
  /** Whether text on stderr may have colours. */
  readonly errorHasColours: boolean
  /** Why text for stdout was lost, such as a full disk; undefined if none was, or if the reader has gone. */
  readonly failure?: Error | undefined
  /** Removes the live lines, and waits until everything was written. */
  close(): Promise<void>
  /** As `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** The outlets and the environment of a screen. */
export interface OpenScreenOptions {
  /** @default the process's own */
  stdout?: Outlet
  /** @default the process's own */
  stderr?: Outlet
  /** @default the process's own */
  environment?: Readonly<Record<string, string | undefined>>
}

/**
 * Opens the terminal, or the pipes or files in its place. If a reader such as `| head` has gone, that is not an error, and further text is
 * dropped.
 *
 * @example
 * ```ts
 * const screen = openScreen()
 * await screen.out('a result\n')
 * await screen.error('a note')
 * await screen.close()
 * ```
 */
export function openScreen(options: OpenScreenOptions = {}): Screen {
  const { stdout = ownOutlet(1), stderr = ownOutlet(2), environment = process.env } = options
  const isLive = stderr.isTerminal && environment.TERM !== 'dumb'
  let openLines = 0
  const wipe = (): string => {
    const up = openLines > 1 ? `\u001b[${openLines - 1}A` : ''
    const text = openLines > 0 ? `\r${up}\u001b[J` : ''
    openLines = 0
    return text
  }
  const close = (): Promise<void> => stderr.write(wipe())
  return {
    async out(text) {
      if (openLines > 0) await stderr.write(wipe())
      await stdout.write(text)
    },
    error: (line) => stderr.write(`${wipe()}${line}\n`),
    live(lines) {
      if (!isLive || (lines.length === 0 && openLines === 0)) return
      void stderr.write(`${wipe()}${lines.join('\n')}`)
      openLines = lines.length
    },
    size() {
      const { columns, rows } = stderr.size()
      return { columns: columns || 80, rows: rows || 24 }
    },
    isLive,
    outHasColours: hasColours(stdout, environment),
    errorHasColours: hasColours(stderr, environment),
    get failure() {
      return stdout.failure
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function ownOutlet(descriptor: 1 | 2): Outlet {
  if (process.versions.bun !== undefined || !isStream(descriptor)) return descriptorOutlet(descriptor)
  return streamOutlet(descriptor === 1 ? process.stdout : process.stderr)
}

/** Whether a descriptor is a pipe, a socket or a terminal. Files are written to directly: their streams end at the first error. */
function isStream(descriptor: number): boolean {
  try {
    const found = fstatSync(descriptor)
    return found.isFIFO() || found.isSocket() || isatty(descriptor)
  } catch {
    return false
  }
}

/** By https://no-color.org, and by FORCE_COLOR, which has precedence. */
function hasColours(
  { isTerminal }: Outlet,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: terminal } = environment
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false'
  return (none === undefined || none === '') && isTerminal && terminal !== 'dumb'
}
