import type { RunReport } from '../documents/run-report.ts'
import { defaultNotifyOn, defaultNotifyTimeout, type Notify } from '../manifest/notify.ts'
import { sendReport } from '../notify/send-report.ts'
import { type Occasion, shouldNotify } from '../notify/should-notify.ts'

export interface NotifyRunOptions extends Occasion {
  /** The targets of the manifest. */
  notify: Notify | undefined
  /** The shell command of `--notify`. */
  command: string | undefined
  /** The failures of the previous run. @default none */
  failureBefore?: string
  report(): RunReport
  /** Once it is aborted, there is little time left. */
  signal: AbortSignal
}

/** Milliseconds: a service manager waits half a minute or less for a process that it stops. */
const timeoutAfterAbort = 5_000

/** Sends the report of a run to all targets that want it; returns a message for each that failed, or undefined if no target wants it. */
export async function notifyRun(options: NotifyRunOptions): Promise<string[] | undefined> {
  const { notify, command, failureBefore = '', report, signal } = options
  const fromManifest = notify !== undefined && shouldNotify(options, failureBefore, notify.on) ? [notify] : []
  const fromCommandLine =
    command !== undefined && shouldNotify(options, failureBefore, defaultNotifyOn)
      ? [{ targets: [{ kind: 'shell' as const, command }], timeout: defaultNotifyTimeout }]
      : []
  const wanted = [...fromManifest, ...fromCommandLine]
  if (wanted.length === 0) return undefined
  const document = report()
  const limited = wanted.map(({ targets, timeout }) => ({
    targets,
    timeout: signal.aborted ? Math.min(timeout, timeoutAfterAbort) : timeout,
  }))
  return (await Promise.all(limited.map((each) => sendReport(document, each)))).flat()
}

/** The description of the flag `--notify`, for commands that call {@link notifyRun}. */
export const notifyDescription =
  'Shell command that gets the JSON report of each run that changed something or failed'
