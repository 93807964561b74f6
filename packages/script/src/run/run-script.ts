import { InterruptedError, openScreen, type Screen, watchSignals } from '@hyperkit/terminal'
import { showText } from '@hyperkit/terminal/text'
import type { Argument } from '../arguments/argument.ts'
import { describeArguments } from '../arguments/describe-arguments.ts'
import { type GlobalFlags, globalArguments, globalSchema } from '../arguments/global-flags.ts'
import { readArguments } from '../arguments/read-arguments.ts'
import { type Given, readWords } from '../arguments/read-words.ts'
import { renderHelp } from '../arguments/render-help.ts'
import { endOperations } from '../client/end-operations.ts'
import { isHeldCall } from '../client/held-call.ts'
import { type Clients, openClients } from '../client/open-clients.ts'
import { describeHeldCalls, renderHeldCalls } from '../client/render-held-calls.ts'
import { renderJson } from '../output/render-document.ts'
import type { Script } from '../script.ts'
import { collectWarnings } from './collect-warnings.ts'
import { createTools } from './create-tools.ts'
import { explainFailure } from './explain-failure.ts'
import { limitTime, TimeoutError } from './limit-time.ts'

/** Options of {@link runScript}. */
export interface RunScriptOptions {
  /** As the user calls it, for help and errors: `hyperkit list`. */
  command: string
  /** @default one on the streams of the process */
  screen?: Screen
}

/**
 * Runs a script with the words of a command line and gives the exit code: 0 done, 1 error, 130 and 143 after SIGINT and
 * SIGTERM, or the number that the script returns.
 *
 * @example
 * ```ts
 * const script = defineScript({ description: 'Do nothing', run() {} })
 * const code = await runScript(script, [], { command: 'nothing' })
 * console.log(code) // 0
 * ```
 */
export async function runScript(
  script: Script,
  words: readonly string[],
  { command, screen = openScreen() }: RunScriptOptions,
): Promise<number> {
  const args = describeArguments(script.args)
  const hasColours = screen.errorHasColours && !words.includes('--no-color')
  try {
    const given = readWords(words, [...args, ...globalArguments])
    if (given.get('help')?.at(-1) === true) {
      await screen.out(renderHelp({ ...script, command }, args))
      return 0
    }
    const flags = readArguments(globalSchema, globalArguments, given)
    return await runWith(script, args, given, flags, { command, screen })
  } catch (error) {
    const sentence = explainFailure(error, command)
    await screen.error(hasColours ? `\u001b[31m${sentence}\u001b[39m` : sentence)
    return 1
  } finally {
    await screen.close()
  }
}

async function runWith(
  script: Script,
  specs: readonly Argument[],
  given: Given,
  flags: GlobalFlags,
  { command, screen }: Required<RunScriptOptions>,
): Promise<number> {
  const args = readArguments(script.args, specs, given)
  const signals = watchSignals()
  const time = limitTime(flags.timeout)
  const signal = AbortSignal.any([signals.signal, time.signal])
  const { remote, project, dryRun = false, quiet = false } = flags
  const notify = (sentence: string): void => {
    if (!quiet) void screen.error(showText(sentence))
  }
  const warnings = collectWarnings(screen)
  const clients = openClients({ signal, remote, project, dryRun, notify, onWarning: warnings.take })
  const { tools, flush } = createTools({ screen, flags, signal, clients, warnings })
  try {
    const client = script.connects ? { client: await clients.connect() } : {}
    const code = await Promise.race([script.run({ ...tools, ...client, args }), time.passed(signal)])
    await flush()
    // A script that keeps an abort to itself was interrupted all the same.
    if (signal.aborted) return await tellAborted(signal.reason, clients, command, screen)
    await tellHeld(clients, flags, screen)
    return code ?? 0
  } catch (error) {
    // What was printed before counts, and comes first.
    await flush().catch(() => {})
    // A question that was interrupted knows more than the signal.
    const reason = error instanceof InterruptedError ? error : signal.reason
    if (signal.aborted) return await tellAborted(reason, clients, command, screen)
    if (isHeldCall(error)) {
      await tellHeld(clients, flags, screen)
      return 0
    }
    throw error
  } finally {
    time.stop()
    signals.stop()
    clients.close()
  }
}

async function tellHeld({ held }: Clients, flags: GlobalFlags, screen: Screen): Promise<void> {
  if (!flags.dryRun) return
  if (held.length > 0)
    await screen.out(flags.json ? renderJson(describeHeldCalls(held)) : renderHeldCalls(held))
  else if (!flags.quiet) await screen.error('Nothing would be changed.')
}

/** Says why, and what became of what servers had begun. */
async function tellAborted(
  reason: unknown,
  clients: Clients,
  command: string,
  screen: Screen,
): Promise<number> {
  const message =
    reason instanceof TimeoutError || reason instanceof InterruptedError ? reason.message : String(reason)
  await screen.error(`Cannot finish "${command}": ${message}`)
  for (const sentence of await endOperations(clients.begun)) await screen.error(sentence)
  return reason instanceof InterruptedError ? reason.exitCode : 1
}
