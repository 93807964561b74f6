import { ArgumentError, type Client } from '@hyperkit/core'
import type { Plan, PlannedServer } from '../documents/plan.ts'
import { imageOn } from '../manifest/image-on.ts'
import type { Manifest, ManifestServer } from '../manifest/manifest.ts'
import { readVersions } from '../observed/read-versions.ts'
import { planAliasRollback } from '../plan/plan-alias-rollback.ts'
import { askServers, chooseServers } from './ask-servers.ts'
import { openOnce } from './prepare-plan.ts'
import { normalizeRun, type RunOptions } from './run-options.ts'

/** Options of {@link planRollback}. */
export interface PlanRollbackOptions extends RunOptions {
  /** The beginning of a fingerprint, 12 to 64 hex digits. @default the version before the one that the alias points at */
  to?: string | undefined
  /** Names of servers, or labels such as `tier=edge`. @default all */
  servers?: readonly string[] | undefined
}

/** A plan that moves one alias back, with what it was made from. */
export interface RollbackPlan extends Plan {
  rollback: Rollback & {
    /** Servers that the plan does not change, and why. */
    refused: { server: string; why: string }[]
  }
}

/** Which alias is moved back, to which version and on which servers. */
export interface Rollback {
  alias: string
  /** `null`: the version before. */
  to: string | null
  /** Names or labels as they were given; empty: all servers of the manifest. */
  servers: string[]
}

/**
 * Plans to move an alias back to an earlier version of its image, with one `PUT` on each server that has the alias. Sources are
 * not read. A server whose alias cannot be moved back is listed in `rollback.refused`, and the others continue.
 *
 * @throws {ArgumentError} for a `to` that is not the beginning of a fingerprint
 * @throws {HyperkitError} `invalid-argument` for a server that the manifest does not declare
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
  return planRollbackOver(manifest, rollback, open, normalizeRun(options).signal).finally(close)
}

/**
 * Checks that a text is the beginning of a fingerprint with at least 12 digits.
 *
 * @throws {ArgumentError}
 */
export function checkTarget(to: string | undefined): void {
  if (to !== undefined && !/^[0-9a-f]{12,64}$/i.test(to))
    throw new ArgumentError('to', `Cannot roll back to "${to}": a fingerprint is 12 to 64 hex digits`)
}

/** Plans a rollback over connections that are already open. */
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
  if (found === undefined) return { why: 'the alias does not exist' }
  const versions = await readVersions(client, signal)
  if (versions.status === 'unread') return { why: versions.error.message }
  const image = findImage(manifest, name, alias)
  const request = { owner: manifest.name, image, to: to ?? undefined }
  const result = planAliasRollback(found, versions.images, request)
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

/** The name in the manifest of the image that has an alias on a server. */
function findImage({ images }: Manifest, server: string, alias: string): string | undefined {
  return images.find((image) => {
    const { aliases } = image.state === 'present' ? imageOn(image, server) : image
    return image.servers.includes(server) && aliases.some(({ name }) => name === alias)
  })?.name
}
