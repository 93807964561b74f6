import { askServers, releaseLock } from '@hyperkit/reconcile/parts'
import { confirm, isInteractive } from '@hyperkit/terminal'
import type { CommandContext } from './command-context.ts'
import { type FleetOptions, openFleet } from './read-fleet.ts'

/** Removes the lock of the manifest from its servers, whoever holds it. */
export async function forceUnlockCommand(
  options: FleetOptions & { yes?: true },
  context: CommandContext,
): Promise<void> {
  const { console, signal, exitWith } = context
  const fleet = await openFleet(options, context)
  const { name } = fleet.manifest
  try {
    if (!options.yes && !isInteractive()) {
      await console.error('Cannot unlock without being asked: this is no terminal; give --yes')
      return exitWith(1)
    }
    const question = `Free ${fleet.servers.map((server) => server.name).join(', ')} from the lock of manifest "${name}"?`
    if (!options.yes && !(await confirm(question, signal))) {
      await console.error('Nothing was done')
      return exitWith(1)
    }
    const answers = await askServers(fleet.servers, fleet.open, signal, async (client) => ({
      holder: await releaseLock(client, name),
    }))
    for (const { server, answer, error } of answers) {
      if (error !== undefined) {
        await console.error(console.paintError('error', `${server.name}: ${error.message}`))
        exitWith(1)
      } else if (answer?.holder === undefined) await console.result(`${server.name}: not locked\n`)
      else await console.result(`${server.name}: freed from the lock of ${answer.holder.owner}\n`)
    }
  } finally {
    await fleet.close()
  }
}
