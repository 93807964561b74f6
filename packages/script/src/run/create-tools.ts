import { ask, confirm, isInteractive, openDraft, readInput, type Screen } from '@hyperkit/terminal'
import { showText } from '@hyperkit/terminal/text'
import type { GlobalFlags } from '../arguments/global-flags.ts'
import { UsageError } from '../arguments/usage-error.ts'
import { isHeldCall } from '../client/held-call.ts'
import type { Clients } from '../client/open-clients.ts'
import { renderJson, renderYaml } from '../output/render-document.ts'
import { renderRows } from '../output/render-rows.ts'
import type { ScriptTools } from '../script.ts'
import type { Warnings } from './collect-warnings.ts'
import { openBoard } from './show-progress.ts'

/** The tools, and the end of what they were told to print. */
export interface CreatedTools {
  tools: ScriptTools
  flush(): Promise<void>
}

export interface ToolsOptions {
  screen: Screen
  flags: GlobalFlags
  signal: AbortSignal
  clients: Clients
  warnings: Warnings
}

/** What a script gets beside its arguments and its client. */
export function createTools({ screen, flags, signal, clients, warnings }: ToolsOptions): CreatedTools {
  const { json = false, dryRun = false, quiet = false, project, remote } = flags
  const board = openBoard(screen)
  let printed = Promise.resolve()
  const out = (text: string | Promise<string>): void => {
    // What follows a call that was not sent is the result of nothing.
    if (clients.held.length > 0) return
    printed = printed.then(async () => screen.out(await text))
    // Told by flush(); until then it is nobody's.
    printed.catch(() => {})
  }
  const tools: ScriptTools = {
    signal,
    json,
    dryRun,
    project,
    remote,
    connect: clients.connect,
    reach: clients.reach,
    reachSource: clients.reachSource,
    log: (line) => {
      if (!quiet && clients.held.length === 0) void screen.error(showText(line, { keep: '\n\t' }))
    },
    warn: (line) => {
      if (clients.held.length === 0) warnings.take(line)
    },
    warnings: warnings.list,
    print: (text) => out(endLine(showText(text, { keep: '\n\t' }))),
    result: (document, text) =>
      out(json ? renderJson(document) : text === '' ? '' : endLine(showText(text, { keep: '\n\t' }))),
    records: (records) =>
      out(json ? renderJson(records.length === 1 ? records[0] : records) : renderYamlDocuments(records)),
    rows: (rows, { columns, format = { name: 'table', hasHeader: true }, record }) =>
      out(renderRows(rows, columns, json ? { name: 'json', hasHeader: true } : format, record)),
    async progress(label, step) {
      if (quiet || dryRun) return step(() => {})
      const shown = board.begin(label)
      try {
        return await step((progress) => shown.take(progress))
      } finally {
        shown.stop()
      }
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
      if (!isInteractive())
        throw new UsageError(`there is nobody to ask ${JSON.stringify(question)}: this is no terminal`)
      return confirm(showText(question), signal)
    },
    ask(question, preset = '') {
      if (!isInteractive())
        throw new UsageError(`there is nobody to ask ${JSON.stringify(question)}: this is no terminal`)
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
  return { tools, flush: () => printed }
}

async function renderYamlDocuments(records: readonly unknown[]): Promise<string> {
  return (await Promise.all(records.map(renderYaml))).join('---\n')
}

function endLine(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
