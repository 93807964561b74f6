import { HyperkitError, isHyperkitError } from '@hyperkit/core'
import type { PlannedAgain } from '../apply/run-state.ts'
import type { Plan } from '../documents/plan.ts'
import { PlanRefusedError } from '../plan/guard/plan-refused-error.ts'
import type { Prepared } from './prepare-plan.ts'

/**
 * Takes one server out of a plan that was made again.
 *
 * @param before the plan that was made first; a server without changes may be missing in the new one
 * @throws {PlanRefusedError} if the plan must not be carried out
 * @throws {HyperkitError} if the server could not be read
 */
export function pickServer(
  { plan, refusals, desired }: Pick<Prepared, 'plan' | 'refusals' | 'desired'>,
  name: string,
  before: Plan,
): PlannedAgain {
  if (refusals.length > 0) throw new PlanRefusedError(plan, refusals)
  const server = [...plan.servers, ...withoutChanges(before)].find((each) => each.name === name)
  if (server?.status === 'planned') return { server, desired }
  const { code, message } = server?.error ?? { code: 'unexpected', message: `"${name}" is not planned` }
  const error = new HyperkitError('unreachable', message)
  throw isHyperkitError(Object.assign(error, { code })) ? error : new Error(message)
}

function withoutChanges({ servers }: Plan): Plan['servers'] {
  return servers.map((server) => (server.status === 'planned' ? { ...server, changes: [] } : server))
}
