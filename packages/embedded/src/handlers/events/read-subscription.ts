import { Failure } from '../../answer/failure.ts'
import type { ServerContext } from '../../call/context.ts'
import { refusal } from '../../dialect/fill.ts'
import { isLimited, mayUse, type Peer } from '../../trust/peer.ts'
import { may } from '../../trust/rights.ts'

/**
 * Reads the subscription from a request to `/1.0/events`.
 *
 * @throws {Failure} 403, 404, or the dialect's answer to an unknown type or project
 */
export function readSubscription(
  context: ServerContext,
  peer: Peer,
  { pathname, searchParams }: URL,
): { types: ReadonlySet<string>; project: string | undefined } {
  const { dialect } = context
  if (pathname !== '/1.0/events') throw new Failure(404, dialect.notFound)
  if (!peer.trusted) throw new Failure(403, dialect.forbidden)
  const all = searchParams.get('all-projects') === 'true'
  const project = searchParams.get('project') || 'default'
  if (all && searchParams.has('project'))
    throw new Failure(400, 'Cannot specify a project when requesting all projects')
  if ((all ? isLimited(peer) : !mayUse(peer, project)) && dialect.foreignEvents !== 'shown')
    throw refusal(dialect.foreignEvents, project)
  if (peer.permissions !== undefined && !may(peer, 'can_view_events', project))
    throw new Failure(403, dialect.forbidden)
  if (!all && context.projects.get(project) === undefined) throw refusal(dialect.unknownEventProject)
  const asked = searchParams.get('type')
  const types = asked === null || asked === '' ? dialect.eventTypes : asked.split(',')
  const unknown = types.find((type) => !dialect.eventTypes.includes(type))
  if (unknown !== undefined) throw refusal(dialect.unknownEventType, unknown)
  return { types: new Set(types), project: all ? undefined : project }
}
