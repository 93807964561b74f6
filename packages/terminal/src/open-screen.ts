import process from 'node:process'
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
  /** Whether what goes to stdout may have colours. */
  readonly outHasColours: boolean
  /** Whether what goes to stderr may have colours. */
  readonly errorHasColours: boolean
  /** Takes the live lines away, and waits for what was written. */
  close(): Promise<void>
  /** As `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** What a screen writes to, and what it goes by. */
export interface OpenScreenOptions {
  /** @default that of the process */
  stdout?: Outlet
  /** @default that of the process */
  stderr?: Outlet
  /** @default that of the process */
  environment?: Readonly<Record<string, string | undefined>>
}

/**
 * The terminal, or what stands in its place. A reader that has seen enough (`| head`) is no error: what is written to it
 * goes nowhere.
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
    close,
    [Symbol.asyncDispose]: close,
  }
}

function ownOutlet(descriptor: 1 | 2): Outlet {
  if (process.versions.bun !== undefined) return descriptorOutlet(descriptor)
  return streamOutlet(descriptor === 1 ? process.stdout : process.stderr)
}

/** https://no-color.org and the habit of FORCE_COLOR, which wins. */
function hasColours(
  { isTerminal }: Outlet,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: terminal } = environment
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false'
  return (none === undefined || none === '') && isTerminal && terminal !== 'dumb'
}
