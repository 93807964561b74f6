import { confirm, isInteractive, type Screen } from '@hyperkit/terminal'
import { showText } from '@hyperkit/terminal/text'
import type { GlobalFlags } from '../arguments/global-flags.ts'
import { UsageError } from '../arguments/usage-error.ts'
import { HeldCallError } from '../client/held-call.ts'
import type { Clients } from '../client/open-clients.ts'
import { renderJson } from '../output/render-document.ts'
import { renderRows } from '../output/render-rows.ts'
import type { ScriptTools } from '../script.ts'
import { showProgress } from './show-progress.ts'

export interface ToolsOptions {
  screen: Screen
  flags: GlobalFlags
  signal: AbortSignal
  clients: Clients
}

/** What a script gets beside its arguments and its client. */
export function createTools({ screen, flags, signal, clients }: ToolsOptions): ScriptTools {
  const { json = false, dryRun = false, quiet = false, project, remote } = flags
  const out = (text: string): void => {
    // What follows a call that was not sent is the result of nothing.
    if (clients.held.length === 0) void screen.out(text)
  }
  return {
    signal,
    json,
    dryRun,
    project,
    remote,
    connect: clients.connect,
    reach: clients.reach,
    log: (line) => {
      if (!quiet && clients.held.length === 0) void screen.error(showText(line, { keep: '\n\t' }))
    },
    print: (text) => out(endLine(showText(text, { keep: '\n\t' }))),
    result: (document, text) =>
      out(json ? renderJson(document) : text === '' ? '' : endLine(showText(text, { keep: '\n\t' }))),
    rows: (rows, { columns, format = { name: 'table', hasHeader: true }, record }) =>
      out(renderRows(rows, columns, json ? { name: 'json', hasHeader: true } : format, record)),
    async progress(label, step) {
      if (quiet || dryRun) return step(() => {})
      const shown = showProgress(screen, label)
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
        if (error instanceof HeldCallError) return undefined
        throw error
      }
    },
    confirm(question) {
      if (!isInteractive())
        throw new UsageError(`there is nobody to ask ${JSON.stringify(question)}: this is no terminal`)
      return confirm(showText(question), signal)
    },
  }
}

function endLine(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
