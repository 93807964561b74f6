import type { Transport } from '@hyperkit/core'
import { ask, confirm, isInteractive, openDraft, readInput } from '@hyperkit/terminal'
import { showText } from '@hyperkit/terminal/text'
import type { GlobalFlags } from '../arguments/global-flags.ts'
import { UsageError } from '../arguments/usage-error.ts'
import { isHeldCall } from '../client/held-call.ts'
import type { Clients } from '../client/open-clients.ts'
import { openBoard } from '../console/open-board.ts'
import type { Console } from '../console/open-console.ts'
import { renderYaml } from '../output/render-document.ts'
import { renderRows } from '../output/render-rows.ts'
import type { ScriptTools } from '../script.ts'
import type { Results } from './collect-results.ts'
import type { Warnings } from './collect-warnings.ts'

/** The tools, and the end of their output. */
export interface CreatedTools {
  tools: ScriptTools
  /** What the script would do on this machine without `--dry-run`. */
  deeds: readonly string[]
  flush(): Promise<void>
}

export interface ToolsOptions {
  command: string
  version: string | undefined
  console: Console
  results: Results
  flags: GlobalFlags
  signal: AbortSignal
  clients: Clients
  warnings: Warnings
  wrapTransport(transport: Transport): Transport
}

/** Creates the tools that a script gets besides its arguments and its client. */
export function createTools(options: ToolsOptions): CreatedTools {
  const { command, version, console, results, flags, signal, clients, warnings, wrapTransport } = options
  const { json = false, dryRun = false, project, remote, maxDocument } = flags
  const board = openBoard(console)
  const deeds: string[] = []
  let printed = Promise.resolve()
  const out = (text: string | Promise<string>): void => {
    // After a call that was not sent there is no real result.
    if (clients.held.length > 0) return
    printed = printed.then(async () => console.result(await text))
    // flush() reports the error; until then it must not count as unhandled.
    printed.catch(() => {})
  }
  const document = (value: unknown): void => {
    if (clients.held.length === 0) results.take(value)
  }
  const tools: ScriptTools = {
    signal,
    command,
    version,
    console,
    wrapTransport,
    maxDocument,
    json,
    dryRun,
    project,
    remote,
    connect: clients.connect,
    reach: clients.reach,
    reachSource: clients.reachSource,
    log: (line) => {
      if (clients.held.length === 0) void console.note(showText(line, { keep: '\n\t' }))
    },
    fail(message, { code = 'failed', isShown = false } = {}) {
      const shown = showText(message, { keep: '\n\t' })
      if (!isShown) void console.error(console.paintError('error', shown))
      results.fail({ code, message: shown })
      return 1
    },
    warn: (line) => {
      if (clients.held.length === 0) warnings.take(line)
    },
    warnings: warnings.list,
    print: (text) => out(endLine(showText(text, { keep: '\n\t' }))),
    result(value, text) {
      if (json) document(value)
      else out(text === '' ? '' : endLine(showText(text, { keep: '\n\t' })))
    },
    records(records) {
      if (json) document(records.length === 1 ? records[0] : records)
      else out(renderYamlDocuments(records))
    },
    rows(rows, { columns, format = { name: 'table', hasHeader: true }, record = (row) => row }) {
      if (json) document(rows.map(record))
      else out(renderRows(rows, columns, format, record))
    },
    async progress(label, step) {
      if (dryRun) return step(() => {})
      const shown = board.begin(label)
      try {
        return await step((progress) => shown.take(progress))
      } finally {
        shown.stop()
      }
    },
    would(deed) {
      if (dryRun) deeds.push(deed)
      return dryRun
    },
    async change(step) {
      try {
        return await step()
      } catch (error) {
        if (isHeldCall(error)) return undefined
        throw error
      }
    },
    confirm(question) {
      if (!isInteractive()) throw new UsageError(`there is no terminal to ask ${JSON.stringify(question)} on`)
      return confirm(showText(question), signal)
    },
    ask(question, preset = '') {
      if (!isInteractive()) throw new UsageError(`there is no terminal to ask ${JSON.stringify(question)} on`)
      return ask(showText(question), showText(preset), signal)
    },
    isInteractive,
    input: () => readInput(signal),
    async draft(text, filename) {
      const draft = await openDraft(text, filename)
      const edit = (): Promise<string> =>
        draft.edit().catch((error: Error) => {
          throw new UsageError(error.message)
        })
      return { ...draft, edit }
    },
  }
  return { tools, deeds, flush: () => printed }
}

async function renderYamlDocuments(records: readonly unknown[]): Promise<string> {
  return (await Promise.all(records.map(renderYaml))).join('---\n')
}

function endLine(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
