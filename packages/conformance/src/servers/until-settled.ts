import { setTimeout as delay } from 'node:timers/promises'
import { requestSocket } from './request-socket.ts'

/** What has to be known of a member. */
interface Member {
  name: string
  socket: string
  readyAt(): Date
}

/**
 * Waits until the members of a cluster have had a heartbeat since their last start, and see the instances of all others. Until then one can count
 * as online because of a heartbeat from before it died, and as offline later.
 */
export async function untilSettled(
  members: readonly Member[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted()
    const seen = await Promise.all(members.map(({ socket }) => isSettled(socket, members).catch(() => false)))
    if (seen.every(Boolean)) return
    await delay(200)
  }
}

async function isSettled(socket: string, members: readonly Member[]): Promise<boolean> {
  const listed = await read(socket, '/1.0/cluster/members?recursion=1')
  if ((listed as { status: string }[]).some(({ status }) => status !== 'Online')) return false
  // Fails as long as this member cannot ask another one.
  await read(socket, '/1.0/instances?recursion=1&all-projects=true')
  const heartbeats = await readHeartbeats(socket)
  return members.every((member) => (heartbeats.get(member.name) ?? 0) > member.readyAt().getTime())
}

/** The last heartbeat of each member, in milliseconds since 1970; the API shows that of members that are offline only. */
async function readHeartbeats(socket: string): Promise<Map<string, number>> {
  const json = { database: 'global', query: 'SELECT name, heartbeat FROM nodes' }
  const { metadata } = await requestSocket(socket, { method: 'POST', path: '/internal/sql', json })
  const { Results: results } = metadata as { Results: { rows: [string, string][] }[] }
  return new Map(results.flatMap(({ rows }) => rows.map(([name, at]) => [name, Date.parse(at)])))
}

const read = async (socket: string, path: string): Promise<unknown> =>
  (await requestSocket(socket, { method: 'GET', path })).metadata
