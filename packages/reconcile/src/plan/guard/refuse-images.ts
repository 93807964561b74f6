import type { Desired } from '../../desired/desired.ts'
import type { Plan, ServerPlan } from '../../documents/plan.ts'
import { findRefused } from './guard-plan.ts'

/** The code of an image that the guard refuses on a server. */
export const refusedCode = 'precondition-failed'

/**
 * Leaves out the images that must not be changed on a server, such as those of another manifest: they become problems of that server, and
 * everything else is done.
 */
export function refuseImages(plan: Plan, desired: Desired): Plan {
  const servers = plan.servers.map((server): ServerPlan => {
    if (server.status === 'unread') return server
    const refused = findRefused(server, plan.manifest.name, desired)
    if (refused.length === 0) return server
    const images = new Set(refused.map(({ change }) => change.image))
    const problems = refused.map(({ change: { image }, message }) => ({
      image,
      error: { code: refusedCode, message },
    }))
    return {
      ...server,
      changes: server.changes.filter(({ image }) => !images.has(image)),
      problems: [...(server.problems ?? []), ...problems],
    }
  })
  return { ...plan, servers }
}
