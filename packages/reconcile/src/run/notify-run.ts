import type { RunReport } from '../documents/run-report.ts'
import { defaultNotifyOn, defaultNotifyTimeout, type Notify } from '../manifest/notify.ts'
import { handOver } from '../notify/hand-over.ts'
import { isWorth, type Occasion } from '../notify/is-worth.ts'

export interface NotifyRunOptions extends Occasion {
  /** The manifest's. */
  notify: Notify | undefined
  /** A line for the shell, from the command line. */
  command: string | undefined
  /** The failure of the run before. @default none */
  failureBefore?: string
  report(): RunReport
  /** After it there is not much time left. */
  signal: AbortSignal
}

/** Milliseconds: what stops this process waits for it half a minute, and often less. */
const lastWords = 5_000

/** Hands the report of a run over to who is to have it; gives what went wrong with that, or undefined if it was for nobody. */
export async function notifyRun(options: NotifyRunOptions): Promise<string[] | undefined> {
  const { notify, command, failureBefore = '', report, signal } = options
  const ofManifest = notify !== undefined && isWorth(options, failureBefore, notify.on) ? [notify] : []
  const ofCommandLine =
    command !== undefined && isWorth(options, failureBefore, defaultNotifyOn)
      ? [{ targets: [{ kind: 'shell' as const, command }], timeout: defaultNotifyTimeout }]
      : []
  const told = [...ofManifest, ...ofCommandLine]
  if (told.length === 0) return undefined
  const document = report()
  const limited = told.map(({ targets, timeout }) => ({
    targets,
    timeout: signal.aborted ? Math.min(timeout, lastWords) : timeout,
  }))
  return (await Promise.all(limited.map((each) => handOver(document, each)))).flat()
}

/** What the flag `--notify` of a command says that calls {@link notifyRun}. */
export const notifyDescription =
  'Give the JSON report of a run that changed something or failed to this line of the shell'
