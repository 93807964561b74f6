import process from 'node:process'
import type { Writable } from 'node:stream'
import { styleText } from 'node:util'
import type { Manifest } from '../manifest/manifest.ts'
import { type Paint, plain, type Tone } from '../render/paint.ts'
import { hideSecrets } from './hide-secrets.ts'

/** Where the command writes: stdout is the result, stderr is progress and complaint. */
export interface Console {
  /** As it is, without a line break added. */
  result(text: string): Promise<void>
  /** A line on stderr. */
  error(line: string): Promise<void>
  /** A line on stderr that the next one replaces; on a terminal only. */
  live(line: string): void
  /** Whether stderr is a terminal that can replace a line. */
  readonly isLive: boolean
  /** For what goes to stdout. */
  readonly paint: Paint
  /** For what goes to stderr. */
  readonly paintError: Paint
  /** From now on none of these is written anywhere. */
  hide(secrets: Manifest['secrets']): void
  close(): Promise<void>
}

interface Terminal extends Writable {
  isTTY?: boolean
  columns?: number
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
  let isLineOpen = false
  let secrets: Manifest['secrets'] = []
  const closeLine = (): string => {
    const wipe = isLineOpen ? '\r\u001b[K' : ''
    isLineOpen = false
    return wipe
  }
  return {
    result: async (text) => {
      if (isLineOpen) await write(stderr, closeLine())
      await write(stdout, hideSecrets(text, secrets))
    },
    error: (line) => write(stderr, `${closeLine()}${hideSecrets(line, secrets)}\n`),
    live(line) {
      if (!isLive) return
      const width = stderr.columns || 80
      stderr.write(`\r\u001b[K${[...hideSecrets(line, secrets)].slice(0, width - 1).join('')}`)
      isLineOpen = true
    },
    isLive,
    paint: hasColours(stdout, environment) ? painted : plain,
    paintError: hasColours(stderr, environment) ? painted : plain,
    hide(given) {
      secrets = given
    },
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
