import { messageOf } from '@hyperkit/core/parts'
import { type AuditLine, type OpenedAudit, openAudit } from '@hyperkit/reconcile'
import type { AuditOptions } from '@hyperkit/reconcile/parts'
import { type ScriptTools, UsageError } from '@hyperkit/script'

/** The audit of a command: nothing without `--audit`, and in a dry run. */
export interface CommandAudit {
  options: AuditOptions | undefined
  close(): Promise<void>
}

/** Opens what `--audit` names, before the command changes anything. */
export async function openCommandAudit(
  target: string | undefined,
  { command, console, signal, dryRun, json, fail }: ScriptTools,
): Promise<CommandAudit> {
  const path = target === '-' ? '/dev/stdout' : target
  if (path === '/dev/stdout' && json)
    throw new UsageError('"--json" and "--audit" both write to stdout; give only one of them')
  if (path === undefined || dryRun) return { options: undefined, close: async () => {} }
  const { write, close }: OpenedAudit = await openAudit(path, { signal, hide: console.hidden })
  const writeOrFail = async (line: AuditLine): Promise<void> => {
    try {
      await write(line)
    } catch (error) {
      // The change was made, so no other failure says that something is missing.
      if (line.event === 'ended') fail(`The audit is not complete: ${messageOf(error)}`)
      throw error
    }
  }
  return { options: { command, write: writeOrFail }, close }
}
