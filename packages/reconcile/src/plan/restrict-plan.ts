import type { Desired, DesiredServer } from '../desired/desired.ts'
import type { Plan, ServerPlan } from '../documents/plan.ts'

/**
 * The desired state of the servers that have any of the named images, without removals of other names. Other images stay in
 * it, because a removal depends on everything that is desired.
 */
export function narrowDesired(desired: Desired, targets: readonly string[]): Desired {
  if (targets.length === 0) return desired
  const servers = desired.servers
    .map((server) => ({ ...server, absent: server.absent.filter(({ name }) => targets.includes(name)) }))
    .filter(
      (server) =>
        server.absent.length > 0 ||
        namesOf(server, targets).size > 0 ||
        (server.unresolved ?? []).some(({ name }) => targets.includes(name)),
    )
  return { ...desired, servers }
}

/**
 * The part of a plan that is about some images. It is taken from the whole plan, not planned from those images alone, so that
 * an image does not count as unwanted only because it was not named.
 */
export function restrictPlan(plan: Plan, desired: Desired, targets: readonly string[]): Plan {
  if (targets.length === 0) return plan
  const servers = plan.servers.map((server): ServerPlan => {
    if (server.status === 'unread') return server
    const names = namesOf(
      desired.servers.find(({ name }) => name === server.name),
      targets,
    )
    const isMeant = ({ image }: { image: string }): boolean => names.has(image) || targets.includes(image)
    const changes = server.changes.filter(isMeant)
    const { problems: all = [], ...rest } = server
    const problems = all.filter(isMeant)
    const busy = new Set(changes.map(({ image }) => image))
    return {
      ...rest,
      changes,
      inSync: [...names].filter((name) => !busy.has(name)).length,
      ...(problems.length === 0 ? {} : { problems }),
    }
  })
  return { ...plan, servers }
}

/** A change has the first name of its image; the caller may have given any of its names. */
function namesOf(server: DesiredServer | undefined, targets: readonly string[]): ReadonlySet<string> {
  const named = (server?.images ?? []).filter(({ names }) => names.some((name) => targets.includes(name)))
  return new Set(named.map(({ names, fingerprint }) => names[0] ?? fingerprint))
}
