import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { HyperkitError } from '@hyperkit/core'
import { messageOf } from '@hyperkit/core/parts'
import type { AuditLine } from '../documents/audit.ts'

/** The journal, as a place for lines. */
export interface Journal {
  append(text: string, line: AuditLine): Promise<void>
  close(): Promise<void>
}

export interface OpenJournalOptions {
  /** The program that speaks to the journal. */
  logger?: string
  socket?: string
  /** Milliseconds after which the program is killed. @default 10_000 */
  patience?: number
  /** Ends waiting for the program, except for what records a change that was made. */
  signal?: AbortSignal | undefined
}

/**
 * Opens the journal of systemd through `logger` (of util-linux), which uses journald's own protocol. No runtime has the kind of socket
 * that this needs. `logger` reports success if there is no journal, so its socket is looked for here.
 *
 * @throws {HyperkitError} `file-unwritable` if there is no journal, or no such `logger`, or if it does not end in time
 */
export async function openJournal({
  logger = 'logger',
  socket = '/run/systemd/journal/socket',
  patience = 10_000,
  signal,
}: OpenJournalOptions = {}): Promise<Journal> {
  const check = async (): Promise<void> => {
    await stat(socket).catch((error: unknown) => {
      throw refuse(`there is no journal (${socket} is missing); give a file`, error)
    })
  }
  await check()
  const help = await run(logger, ['--help'], '', { patience, signal }).catch((error: unknown) => {
    signal?.throwIfAborted()
    throw refuse(`"${logger}" cannot be run (${messageOf(error)}); install util-linux, or give a file`, error)
  })
  if (!help.includes('--journald'))
    throw refuse(`this "${logger}" has no option "--journald"; install that of util-linux, or give a file`)
  return {
    async append(text, line) {
      await check()
      const fields = [
        `MESSAGE=${text.trimEnd()}`,
        'SYSLOG_IDENTIFIER=hyperkit',
        'PRIORITY=5',
        ...Object.entries({
          HYPERKIT_AUDIT: line.event,
          HYPERKIT_RUN: line.run,
          HYPERKIT_MANIFEST: line.manifest,
          HYPERKIT_SERVER: line.server,
          HYPERKIT_ACTION: line.action,
          // A newline would begin another field.
        }).flatMap(([name, value]) => (/[\p{Cc}]/u.test(value) ? [] : [`${name}=${value}`])),
      ]
      const stop = line.event === 'begun' ? signal : undefined
      await run(logger, ['--journald'], `${fields.join('\n')}\n`, { patience, signal: stop }).catch(
        (error) => {
          stop?.throwIfAborted()
          throw refuse(messageOf(error), error)
        },
      )
    },
    close: async () => {},
  }
}

function refuse(why: string, cause?: unknown): HyperkitError {
  return new HyperkitError('file-unwritable', `Cannot audit to the journal: ${why}`, { cause })
}

/** Runs a program to its end. @returns what it prints */
async function run(
  program: string,
  args: string[],
  input: string,
  { patience, signal }: { patience: number; signal: AbortSignal | undefined },
): Promise<string> {
  signal?.throwIfAborted()
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      output = (output + piece).slice(-100_000)
    })
  // A program that does not read its standard input fails by its exit code.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const stop = new AbortController()
  const late = setTimeout(
    () => stop.abort(new Error(`"${program}" did not end within ${patience / 1000} seconds`)),
    patience,
  )
  const onAbort = (): void => stop.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true })
  })
    .catch((error: unknown) => {
      child.kill('SIGKILL')
      // What it has started may hold them open.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
      throw error
    })
    .finally(() => {
      clearTimeout(late)
      signal?.removeEventListener('abort', onAbort)
    })
  if (code === 0) return output
  const last = output.trim().split('\n').at(-1) ?? ''
  throw new Error(`"${program}" exited with ${code}${last === '' ? '' : `: ${last}`}`)
}
