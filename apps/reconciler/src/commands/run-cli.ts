import { recordIfAsked } from '@hyperkit/connect'
import { InterruptedError, watchSignals } from '@hyperkit/terminal'
import { CommanderError } from 'commander'
import { buildProgram } from './build-program.ts'
import { createConsole } from './console.ts'

/**
 * Runs a command line and gives the exit code: 0 done, 1 error, 2 for pending changes under `--detailed-exitcode`,
 * 130 and 143 after SIGINT and SIGTERM.
 */
export async function runCli(args: readonly string[]): Promise<number> {
  const console = createConsole()
  const signals = watchSignals()
  let code = 0
  let reason: unknown
  const program = buildProgram({
    console,
    signal: signals.signal,
    wrapTransport: (transport) => recordIfAsked(transport),
    exitWith: (given) => (code = given),
  })
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    // commander has written its own sentence; its code is 0 for --help and --version.
    if (error instanceof CommanderError) code = error.exitCode
    // A question that was interrupted knows more than the signal.
    else if (error instanceof InterruptedError) reason = error
    else if (!signals.signal.aborted) {
      await console.error(error instanceof Error ? error.message : String(error))
      code = 1
    }
  } finally {
    signals.stop()
  }
  reason ??= signals.signal.reason
  if (reason instanceof InterruptedError) {
    await console.error(reason.message)
    code = reason.exitCode
  }
  await console.close()
  return code
}
