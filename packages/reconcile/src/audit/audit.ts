import { randomUUID } from 'node:crypto'
import process from 'node:process'
import type { ChangeResult } from '../documents/apply-report.ts'
import type { AuditLine } from '../documents/audit.ts'
import type { Change } from '../documents/plan.ts'
import { describeBegun, describeEnded, describeRelease } from '../render/describe-audit.ts'

/** How the changes of a run are recorded. */
export interface AuditOptions {
  /** The command, or the function of the library. */
  command: string
  /** Called before and after each change. If it fails before a change, the change is not made. */
  write(line: AuditLine): Promise<void> | void
}

/** The lines of one run. */
export interface Audit {
  /** Before a change; it must not be made if this fails. */
  begun(server: string, change: Change): Promise<void>
  /** After it. */
  ended(server: string, result: ChangeResult): Promise<void>
  /** A lock that is released: before it, and with an `outcome` after it. */
  released(server: string, end: Parameters<typeof describeRelease>[2]): Promise<void>
}

/**
 * Records the changes of one run, whose lines all have the same id.
 *
 * @param user `user@host`
 */
export function createAudit(
  { command, write }: AuditOptions,
  { manifest, user }: { manifest: string; user: string },
): Audit {
  // Bun takes the name from the environment; the number is that of the process.
  const uid = process.getuid?.()
  const run = { run: randomUUID(), command, user, ...(uid === undefined ? {} : { uid }), manifest }
  return {
    begun: async (server, change) => write(describeBegun(run, server, change, new Date())),
    ended: async (server, result) => write(describeEnded(run, server, result, new Date())),
    released: async (server, end) => write(describeRelease(run, server, end, new Date())),
  }
}
