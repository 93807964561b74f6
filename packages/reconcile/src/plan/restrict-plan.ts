import type { Desired, DesiredServer } from '../desired/desired.ts'
import type { Plan, ServerPlan } from '../documents/plan.ts'

/**
 * What is wanted of the servers that the named images concern, without the removals that are not named. Other images
 * stay: what a removal may take depends on all that is wanted.
 */
export function narrowDesired(desired: Desired, targets: readonly string[]): Desired {
  if (targets.length === 0) return desired
  const servers = desired.servers
    .map((server) => ({ ...server, absent: server.absent.filter(({ name }) => targets.includes(name)) }))
    .filter((server) => server.absent.length > 0 || namesOf(server, targets).size > 0)
  return { ...desired, servers }
}

/**
 * The part of a plan that is about some images. It is cut out of the whole, and not planned from those images alone, so
 * that nothing is taken for unwanted only because it was not named.
 */
export function restrictPlan(plan: Plan, desired: Desired, targets: readonly string[]): Plan {
  if (targets.length === 0) return plan
  const servers = plan.servers.map((server): ServerPlan => {
    if (server.status === 'unread') return server
    const names = namesOf(
      desired.servers.find(({ name }) => name === server.name),
      targets,
    )
    const changes = server.changes.filter(({ image }) => names.has(image) || targets.includes(image))
    const busy = new Set(changes.map(({ image }) => image))
    return { ...server, changes, inSync: [...names].filter((name) => !busy.has(name)).length }
  })
  return { ...plan, servers }
}

/** Changes carry the first name of an image; any of its names may be the one that was given. */
function namesOf(server: DesiredServer | undefined, targets: readonly string[]): ReadonlySet<string> {
  const named = (server?.images ?? []).filter(({ names }) => names.some((name) => targets.includes(name)))
  return new Set(named.map(({ names, fingerprint }) => names[0] ?? fingerprint))
}
