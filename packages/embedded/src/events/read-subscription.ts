import { Failure } from '../answer/failure.ts'
import type { ServerContext } from '../server/context.ts'
import { mayUse, type Peer } from '../trust/peer.ts'
import { eventTypes } from './event-hub.ts'

/**
 * What a request to `/1.0/events` subscribes to.
 *
 * @throws {Failure} 403, 404, or the dialect's status for an unknown type
 */
export function readSubscription(
  context: ServerContext,
  peer: Peer,
  target: string,
): { types: ReadonlySet<string>; project: string | undefined } {
  const { pathname, searchParams } = new URL(target, 'http://server')
  if (pathname !== '/1.0/events') throw new Failure(404, 'not found')
  const all = searchParams.get('all-projects') === 'true'
  const project = searchParams.get('project') || 'default'
  if (!(all ? peer.trusted && peer.projects === undefined : mayUse(peer, project))) {
    throw new Failure(403, 'not authorized')
  }
  const asked = searchParams.get('type')
  const types = asked === null || asked === '' ? eventTypes : asked.split(',')
  const unknown = types.find((type) => !eventTypes.some((known) => known === type))
  if (unknown !== undefined) {
    throw new Failure(context.dialect.unknownEventTypeStatus, `"${unknown}" isn't a supported event type`)
  }
  return { types: new Set(types), project: all ? undefined : project }
}
