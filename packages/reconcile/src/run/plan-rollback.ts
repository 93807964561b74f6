import { ArgumentError, type Client } from '@hyperkit/core'
import type { Plan, PlannedServer } from '../documents/plan.ts'
import { imageOn } from '../manifest/image-on.ts'
import type { Manifest, ManifestServer } from '../manifest/manifest.ts'
import { readVersions } from '../observed/read-versions.ts'
import { planAliasRollback } from '../plan/plan-alias-rollback.ts'
import { askServers, chooseServers } from './ask-servers.ts'
import { openOnce } from './prepare-plan.ts'
import { type RunOptions, settleRun } from './run-options.ts'

/** Options of {@link planRollback}. */
export interface PlanRollbackOptions extends RunOptions {
  /** The beginning of a fingerprint, 12 to 64 hex digits. @default the version before the one that the alias names */
  to?: string | undefined
  /** Names of servers, or labels that they have. @default all */
  servers?: readonly string[] | undefined
}

/** A plan that moves one alias back, with what it was made from. */
export interface RollbackPlan extends Plan {
  rollback: Rollback & {
    /** Servers that the plan leaves as they are, and why. */
    refused: { server: string; why: string }[]
  }
}

/** Which alias goes back, how far and where. */
export interface Rollback {
  alias: string
  /** `null`: the version before. */
  to: string | null
  /** As they were given; empty: all of the manifest. */
  servers: string[]
}

/**
 * Plans to move an alias back to an earlier version of its image: one `PUT` on each server that has it. Sources are not
 * read. A server on which the alias cannot be moved back is listed in `rollback.refused`, and the others go on.
 *
 * @throws {ArgumentError} for a `to` that is not the beginning of a fingerprint
 * @throws {HyperkitError} `invalid-argument` for a server that the manifest does not name
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * const plan = await planRollback(manifest, 'ubuntu/noble')
 * for (const { server, why } of plan.rollback.refused) console.log(`${server}: ${why}`)
 * await applyPlan(plan, { manifest })
 * ```
 */
export async function planRollback(
  manifest: Manifest,
  alias: string,
  { to, servers = [], ...options }: PlanRollbackOptions = {},
): Promise<RollbackPlan> {
  checkTarget(to)
  const { open, close } = openOnce(manifest, options)
  const rollback = { alias, to: to ?? null, servers: [...servers] }
  return planRollbackOver(manifest, rollback, open, settleRun(options).signal).finally(close)
}

/**
 * Refuses what is not the beginning of a fingerprint, or too little of one.
 *
 * @throws {ArgumentError}
 */
export function checkTarget(to: string | undefined): void {
  if (to !== undefined && !/^[0-9a-f]{12,64}$/i.test(to))
    throw new ArgumentError('to', `Cannot roll back to "${to}": a fingerprint is 12 to 64 hex digits`)
}

/** The same over connections that are open already. */
export async function planRollbackOver(
  manifest: Manifest,
  { alias, to, servers: names }: Rollback,
  open: (server: string) => Promise<Client>,
  signal: AbortSignal,
): Promise<RollbackPlan> {
  const answers = await askServers(chooseServers(manifest, names), open, signal, (client, server) =>
    planServer(client, server, alias, { manifest, to }, signal),
  )
  const servers: PlannedServer[] = []
  const refused: { server: string; why: string }[] = []
  for (const { server, answer, error } of answers)
    if (answer !== undefined && 'planned' in answer) servers.push(answer.planned)
    else refused.push({ server: server.name, why: answer?.why ?? error?.message ?? '' })
  const { file, name } = manifest
  return {
    format: 'hyperkit-plan',
    version: 1,
    manifest: { file, name },
    servers,
    rollback: { alias, to, servers: [...names], refused },
  }
}

async function planServer(
  client: Client,
  { name }: ManifestServer,
  alias: string,
  { manifest, to }: { manifest: Manifest; to: string | null },
  signal: AbortSignal,
): Promise<{ planned: PlannedServer } | { why: string }> {
  const { dialect, version } = await client.server({ signal })
  const found = await client.aliases.find(alias, { signal })
  if (found === undefined) return { why: 'there is no such alias' }
  const versions = await readVersions(client, signal)
  if (versions.status === 'unread') return { why: versions.error.message }
  const image = findImage(manifest, name, alias)
  const wish = { owner: manifest.name, image, to: to ?? undefined }
  const result = planAliasRollback(found, versions.images, wish)
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

/** The manifest's name for the image that has an alias on a server. */
function findImage({ images }: Manifest, server: string, alias: string): string | undefined {
  return images.find((image) => {
    const { aliases } = image.state === 'present' ? imageOn(image, server) : image
    return image.servers.includes(server) && aliases.some(({ name }) => name === alias)
  })?.name
}
