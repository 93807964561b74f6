import { createRecorderIfAsked } from '@hyperkit/connect'
import type { Transport } from '@hyperkit/core'
import { InterruptedError, openScreen, type Screen, watchSignals } from '@hyperkit/terminal'
import { showText } from '@hyperkit/terminal/text'
import type { Argument } from '../arguments/argument.ts'
import { describeArguments } from '../arguments/describe-arguments.ts'
import { findSwitch } from '../arguments/find-switch.ts'
import { type GlobalFlags, globalArgumentsOf, globalSchema } from '../arguments/global-flags.ts'
import { readArguments } from '../arguments/read-arguments.ts'
import { type Given, readWords } from '../arguments/read-words.ts'
import { refuseFlags } from '../arguments/refuse-flags.ts'
import { renderHelp } from '../arguments/render-help.ts'
import { endOperations } from '../client/end-operations.ts'
import { isHeldCall } from '../client/held-call.ts'
import { logRequests } from '../client/log-requests.ts'
import { type Clients, openClients } from '../client/open-clients.ts'
import { describeHeldWork, type HeldWork, renderHeldWork } from '../client/render-held-calls.ts'
import { type Console, openConsole } from '../console/open-console.ts'
import type { Script } from '../script.ts'
import { collectResults, type Results } from './collect-results.ts'
import { collectWarnings } from './collect-warnings.ts'
import { createTools } from './create-tools.ts'
import { endScreen } from './end-screen.ts'
import { explainFailure } from './explain-failure.ts'
import { describeError, type JsonError } from './json-error.ts'
import { limitTime, TimeoutError } from './limit-time.ts'

/** Options of {@link runScript}. */
export interface RunScriptOptions {
  /** The command as the user typed it, for help and errors: `hyperkit list`. */
  command: string
  /** Of the program that the script belongs to. @default none: it runs by itself */
  version?: string | undefined
  /** @default one on the streams of the process */
  screen?: Screen
}

/**
 * Runs a script with the words of a command line and returns the exit code: 0 done, 1 error, 130 and 143 after SIGINT and
 * SIGTERM, or the number that the script returns. If that is a failure and `--json` was given, the last document on stdout
 * has the `error`.
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
  { command, version, screen = openScreen() }: RunScriptOptions,
): Promise<number> {
  const code = await runOn(screen, script, words, { command, version })
  return endScreen(screen, command, code)
}

async function runOn(
  screen: Screen,
  script: Script,
  words: readonly string[],
  { command, version }: Pick<RunScriptOptions, 'command' | 'version'>,
): Promise<number> {
  const args = describeArguments(script.args)
  const globals = globalArgumentsOf(script)
  const isJson = findSwitch(words, [...args, ...globals], 'json') ?? false
  const hasColours = findSwitch(words, [...args, ...globals], 'color') ?? true
  const console = openConsole(screen, { hasColours })
  const results = collectResults(isJson, console.result)
  try {
    const given = readWords(words, [...args, ...globals])
    if (given.get('help')?.at(-1) === true) {
      await screen.out(renderHelp({ ...script, command }, args))
      return 0
    }
    const flags = readArguments(globalSchema, globals, given)
    refuseFlags(script, flags)
    if (flags.quiet) console.leaveOutNotes()
    const run: Run = { command, version, console, results }
    const { code, error } = await runWith(script, args, given, flags, run)
    await results.end(error)
    return code
  } catch (error) {
    const sentence = explainFailure(error, command)
    await console.error(console.paintError('error', sentence))
    await results.end(describeError(error, sentence)).catch(() => {})
    return 1
  } finally {
    await console.close()
  }
}

interface Run {
  command: string
  version: string | undefined
  console: Console
  results: Results
}

/** How a script ended; without an error its exit code is a result. */
interface Ended {
  code: number
  error?: JsonError | undefined
}

async function runWith(
  script: Script,
  specs: readonly Argument[],
  given: Given,
  flags: GlobalFlags,
  run: Run,
): Promise<Ended> {
  const { command, version, console, results } = run
  const args = readArguments(script.args, specs, given)
  const signals = watchSignals()
  const time = limitTime(flags.timeout, script.grace)
  const signal = AbortSignal.any([signals.signal, time.signal])
  const { remote, project, dryRun = false, debug = false, answerTimeout, maxDocument } = flags
  const notify = (sentence: string): void => void console.note(showText(sentence))
  const recorder = createRecorderIfAsked()
  const wrapTransport = (transport: Transport): Transport => {
    const limited = {
      ...transport,
      ...(answerTimeout === undefined ? {} : { answerTimeout }),
      ...(maxDocument === undefined ? {} : { maxDocument }),
    }
    const recorded = recorder?.record(limited) ?? limited
    return debug ? logRequests(recorded, (line) => void console.error(showText(line))) : recorded
  }
  const warnings = collectWarnings(console)
  const clients = openClients({
    signal,
    remote,
    project,
    dryRun,
    notify,
    onWarning: warnings.take,
    maxDocument,
    wrapTransport,
  })
  const { tools, deeds, flush } = createTools({
    command,
    version,
    console,
    results,
    flags,
    signal,
    clients,
    warnings,
    wrapTransport,
  })
  try {
    const client = script.connects ? { client: await clients.connect() } : {}
    const code = await Promise.race([script.run({ ...tools, ...client, args }), time.passed(signal)])
    await flush()
    // A script that ignores an abort was interrupted nevertheless.
    if (signal.aborted) return await reportAbort(signal.reason, clients, run)
    await reportHeld(script, { calls: clients.held, deeds }, flags, run)
    return endOf(script, code, run)
  } catch (error) {
    // Output from before the error comes first.
    await flush().catch(() => {})
    // The error of an interrupted question is more precise than the reason of the signal.
    const reason = error instanceof InterruptedError ? error : signal.reason
    if (signal.aborted || error instanceof InterruptedError) return await reportAbort(reason, clients, run)
    if (isHeldCall(error)) {
      await reportHeld(script, { calls: clients.held, deeds }, flags, run)
      return { code: 0 }
    }
    throw error
  } finally {
    time.stop()
    signals.stop()
    clients.close()
  }
}

function endOf(script: Script, given: number | undefined, { command, results }: Run): Ended {
  const { error } = results
  const isResult = given === undefined || given === 0 || Object.hasOwn(script.exitCodes ?? {}, given)
  if (isResult && error === undefined) return { code: given ?? 0 }
  const code = isResult ? 1 : given
  return { code, error: error ?? { code: 'failed', message: `"${command}" ended with exit code ${code}` } }
}

async function reportHeld(
  script: Script,
  work: HeldWork,
  flags: GlobalFlags,
  { console, results }: Run,
): Promise<void> {
  if (!flags.dryRun || script.handlesDryRun === true) return
  if (work.calls.length + work.deeds.length === 0) await console.note('Nothing would be changed.')
  else if (flags.json) results.take(describeHeldWork(work))
  else await console.result(renderHeldWork(work))
}

/** Reports why a script was aborted, and what became of the operations that servers had begun. */
async function reportAbort(reason: unknown, clients: Clients, { command, console }: Run): Promise<Ended> {
  const isOurs = reason instanceof TimeoutError || reason instanceof InterruptedError
  const message = `Cannot finish "${command}": ${isOurs ? reason.message : String(reason)}`
  await console.error(message)
  for (const sentence of await endOperations(clients.begun)) await console.error(sentence)
  return {
    code: reason instanceof InterruptedError ? reason.exitCode : 1,
    error: describeError(reason, message),
  }
}
