import { HyperkitError, isHyperkitError } from '@hyperkit/core'
import type { PlannedAgain } from '../apply/run-state.ts'
import type { Failure } from '../documents/error.ts'
import type { Plan } from '../documents/plan.ts'
import type { ObservedServer } from '../observed/observed.ts'
import type { KnownServers } from '../observed/read-observed.ts'
import { PlanRefusedError } from '../plan/guard/plan-refused-error.ts'
import type { Prepared } from './preparing.ts'

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
  throw unreadError(server?.error ?? { code: 'unexpected', message: `"${name}" is not planned` })
}

/** The error of a server that could not be read, as it was described. */
export function unreadError({ code, message }: Failure): Error {
  const error = new HyperkitError('unreachable', message)
  return isHyperkitError(Object.assign(error, { code })) ? error : new Error(message)
}

/** What was read of all servers but one, which is planned again: only that one is read. */
export function othersThan(server: string, observed: readonly ObservedServer[] = []): KnownServers {
  return (name) => (name === server ? undefined : observed.find((each) => each.name === name))
}

function withoutChanges({ servers }: Plan): Plan['servers'] {
  return servers.map((server) => (server.status === 'planned' ? { ...server, changes: [] } : server))
}
