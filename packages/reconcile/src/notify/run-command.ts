import type { RunReport } from '../documents/run-report.ts'
import type { NotifyTarget } from '../manifest/notify.ts'
import { runProgram } from '../programs/run-program.ts'

export interface RunCommandOptions {
  /** The report, for the standard input of the command. */
  text: string
  /** The file with the report, for the environment variable `HYPERKIT_REPORT`. */
  path: string
  report: RunReport
  /** Milliseconds after which the command is stopped. */
  timeout: number
}

/** Runs a command with the report of a run, and rejects if it fails or does not exit in time. */
export async function runCommand(
  target: Exclude<NotifyTarget, { kind: 'webhook' }>,
  { text, path, report, timeout }: RunCommandOptions,
): Promise<void> {
  const { changesDone, changesNotDone } = report.summary
  await runProgram(target.kind === 'shell' ? ['/bin/sh', '-c', target.command] : target.command, {
    what: 'the command',
    input: text,
    timeout,
    environment: {
      HYPERKIT_REPORT: path,
      HYPERKIT_MANIFEST: report.manifest.name,
      HYPERKIT_CHANGES_DONE: String(changesDone),
      HYPERKIT_CHANGES_NOT_DONE: String(changesNotDone),
    },
  })
}
