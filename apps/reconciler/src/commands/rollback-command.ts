import { ArgumentError, type Client } from '@hyperkit/core'
import type { Manifest, ManifestServer, Plan, PlannedServer } from '@hyperkit/reconcile/parts'
import { imageOn, planRollback, readVersions } from '@hyperkit/reconcile/parts'
import { applyPrepared } from './apply-prepared.ts'
import type { CommandContext } from './command-context.ts'
import { askFleet, type Fleet, type FleetOptions, openFleet } from './read-fleet.ts'

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
  if (options.to !== undefined && !/^[0-9a-f]{12,64}$/i.test(options.to))
    throw new ArgumentError('to', `Cannot roll back to "${options.to}": a fingerprint is 12 to 64 hex digits`)
  const fleet = await openFleet(options, context.console)
  try {
    const servers = await planServers(alias, options.to, fleet, context)
    if (servers.length === 0) return context.exitWith(1)
    const { file, name } = fleet.manifest
    const plan: Plan = { format: 'hyperkit-plan', version: 1, manifest: { file, name }, servers }
    await applyPrepared({ ...fleet, plan, refusals: [], identify: (server) => server }, options, context)
  } finally {
    await fleet.close()
  }
}

/** A server on which the alias cannot be rolled back does not keep the others from it; it is said, and is an error. */
async function planServers(
  alias: string,
  to: string | undefined,
  fleet: Fleet,
  { console, signal, exitWith }: CommandContext,
): Promise<PlannedServer[]> {
  const answers = await askFleet(fleet, signal, async (client, server) => {
    const image = findImage(fleet.manifest, server.name, alias)
    return planServer(client, server, alias, { owner: fleet.manifest.name, image, to }, signal)
  })
  const planned: PlannedServer[] = []
  for (const { server, answer, error } of answers) {
    if (answer !== undefined && 'planned' in answer) planned.push(answer.planned)
    else {
      const why = answer?.why ?? error?.message ?? ''
      await console.error(
        console.paintError('error', `Cannot roll back alias "${alias}" on "${server.name}": ${why}`),
      )
      exitWith(1)
    }
  }
  return planned
}

/** The manifest's name for the image that has an alias on a server. */
function findImage({ images }: Manifest, server: string, alias: string): string | undefined {
  return images.find((image) => {
    const { aliases } = image.state === 'present' ? imageOn(image, server) : image
    return image.servers.includes(server) && aliases.some(({ name }) => name === alias)
  })?.name
}

async function planServer(
  client: Client,
  { name }: ManifestServer,
  alias: string,
  wish: Parameters<typeof planRollback>[2],
  signal: AbortSignal,
): Promise<{ planned: PlannedServer } | { why: string }> {
  const { dialect, version } = await client.server({ signal })
  const found = await client.aliases.find(alias, { signal })
  if (found === undefined) return { why: 'there is no such alias' }
  const versions = await readVersions(client, signal)
  if (versions.status === 'unread') return { why: versions.error.message }
  const result = planRollback(found, versions.images, wish)
  if ('why' in result) return result
  return {
    planned: {
      status: 'planned',
      name,
      dialect: dialect.kind,
      serverVersion: version ?? null,
      changes: [result.change],
      inSync: 0,
    },
  }
}
