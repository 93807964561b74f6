import type { ServerContext } from '../../call/context.ts'
import type { SeededInstance } from '../../records/seeded-instance.ts'

/** The member of the cluster that has an instance; `none` on a single server. */
export function locationOf({ cluster }: ServerContext, { location }: SeededInstance): string {
  return location ?? cluster?.members[0]?.name ?? 'none'
}

/** An instance with its member. One whose member is down is listed by its name alone, with the state `Error`. */
export function placeInstance(
  server: ServerContext,
  instance: SeededInstance,
  rendered: Record<string, unknown>,
): Record<string, unknown> {
  const location = locationOf(server, instance)
  const placed = { ...rendered, location }
  const isDown = server.cluster?.members.some(({ name, down }) => name === location && down !== undefined)
  if (!isDown) return placed
  const unread = {
    config: null,
    expanded_config: null,
    devices: null,
    expanded_devices: null,
    snapshots: null,
  }
  return { ...placed, ...unread, status: 'Error', status_code: 112 }
}
