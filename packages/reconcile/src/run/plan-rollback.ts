import { ArgumentError } from '@hyperkit/core'
import type { Plan, PlannedServer, UpdateAlias } from '../documents/plan.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { checkSelection } from '../manifest/select-servers.ts'
import { spareBehind } from '../plan/spare-behind.ts'
import { type AskServersOptions, askServers, chooseServers } from './ask-servers.ts'
import { openOnce } from './connections.ts'
import { aliasesOf, planServerRollback } from './plan-server-rollback.ts'
import { normalizeRun, type RunOptions } from './run-options.ts'

/** Options of {@link planRollback}. */
export interface PlanRollbackOptions extends RunOptions {
  /** The beginning of a fingerprint, 12 to 64 hex digits. @default the version before the newest one */
  to?: string | undefined
  /** Names of servers, or labels such as `tier=edge`. @default all */
  servers?: readonly string[] | undefined
}

/** A plan that moves aliases back, with what it was made from. */
export interface RollbackPlan extends Plan {
  rollback: Rollback & {
    /** Servers, or aliases of the image, that the plan cannot move back, and why. */
    refused: { server: string; alias?: string; why: string }[]
    /** Aliases that already point at an earlier version, and at which one. */
    unchanged: { server: string; alias: string; why: string }[]
  }
}

/** What is moved back, to which version and on which servers. */
export interface Rollback {
  /** The alias; for an image its name, which is its first alias. */
  alias: string
  /** The image whose aliases are all moved back. */
  image?: string | undefined
  /** `null`: the version before the newest one. */
  to: string | null
  /** Names or labels as they were given; empty: all servers of the manifest. */
  servers: string[]
}

/**
 * Plans to move an alias back to an earlier version of its image, with one `PUT` on each server that has the alias; or all aliases that
 * the manifest gives an image. Sources are not read. What cannot be moved back is listed in `rollback.refused`, and the rest continues.
 * A rollback is safe to repeat: an alias that already points at an earlier version is listed in `rollback.unchanged`, and goes further back
 * only with `to`. So is one on a server that does not have the new version yet, as in a paused rollout.
 *
 * @throws {ArgumentError} for a `to` that is not the beginning of a fingerprint
 * @throws {HyperkitError} `invalid-argument` for a server or an image that the manifest does not declare
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
  what: string | { image: string },
  { to, servers = [], ...options }: PlanRollbackOptions = {},
): Promise<RollbackPlan> {
  checkTarget(to)
  const named = typeof what === 'string' ? { alias: what } : { alias: what.image, image: what.image }
  const { open, close } = openOnce(manifest, { onSwitch: options.onNote, ...options })
  const rollback = { ...named, to: to ?? null, servers: [...servers] }
  return planRollbackOver(manifest, rollback, { ...normalizeRun(options), open }).finally(close)
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
  { alias, image, to, servers: names }: Rollback,
  asking: AskServersOptions,
): Promise<RollbackPlan> {
  const { signal } = asking
  if (image !== undefined) checkSelection(manifest, { targets: [image], servers: [] })
  const chosen = chooseServers(manifest, names).filter(
    ({ name }) => image === undefined || names.length > 0 || aliasesOf(manifest, name, image).length > 0,
  )
  const answers = await askServers(chosen, asking, (client, { name: server }) =>
    planServerRollback(client, { manifest, server, alias, image, to, signal }),
  )
  const all = answers.flatMap(({ answer }) => (answer !== undefined && 'found' in answer ? answer.found : []))
  const found = to === null ? spareBehind(all) : all
  const servers: PlannedServer[] = []
  const refused: RollbackPlan['rollback']['refused'] = []
  const unchanged: RollbackPlan['rollback']['unchanged'] = []
  for (const { server, answer, error } of answers) {
    if (answer === undefined || 'why' in answer) {
      refused.push({ server: server.name, why: answer?.why ?? error?.message ?? '' })
      continue
    }
    const changes: UpdateAlias[] = []
    const before = unchanged.length
    for (const { alias, result } of found.filter((each) => each.server === server.name)) {
      if ('change' in result) changes.push(result.change)
      else if ('unchanged' in result) unchanged.push({ server: server.name, alias, why: result.unchanged })
      else refused.push({ server: server.name, ...(image === undefined ? {} : { alias }), why: result.why })
    }
    // Nothing is said about a server but its refusals.
    if (changes.length + unchanged.length > before) servers.push({ ...answer.planned, changes })
  }
  const { file, name } = manifest
  const named = image === undefined ? { alias } : { alias, image }
  return {
    format: 'hyperkit-plan',
    version: 1,
    manifest: { file, name },
    servers,
    rollback: { ...named, to, servers: [...names], refused, unchanged },
  }
}
