import { checkTarget, planRollbackOver } from '@hyperkit/reconcile/parts'
import { applyPrepared } from './apply-prepared.ts'
import type { CommandContext } from './command-context.ts'
import { type FleetOptions, openFleet } from './read-fleet.ts'

interface RollbackOptions extends FleetOptions {
  to?: string
  yes?: true
  lockTimeout?: number
  json?: true
}

/** One `PUT` of the alias on each server that has it, under the ETag that was read. */
export async function rollbackCommand(
  alias: string,
  options: RollbackOptions,
  context: CommandContext,
): Promise<void> {
  const { console, signal, exitWith } = context
  checkTarget(options.to)
  const { manifest, open, close } = await openFleet(options, context)
  try {
    const wish = { alias, to: options.to ?? null, servers: options.server ?? [] }
    const { rollback, ...plan } = await planRollbackOver(manifest, wish, open, signal)
    // A server on which the alias cannot be rolled back does not keep the others from it; it is said, and is an error.
    for (const { server, why } of rollback.refused) {
      const message = `Cannot roll back alias "${alias}" on "${server}": ${why}`
      await console.error(console.paintError('error', message))
      exitWith(1)
    }
    if (plan.servers.length === 0) return exitWith(1)
    const identify = (server: string): string => server
    await applyPrepared({ plan, refusals: [], open, close, identify }, options, context)
  } finally {
    await close()
  }
}
