import type { Creation, ImageProblem, Plan, PlannedServer, ServerPlan } from '../documents/plan.ts'
import type { ImageSpace } from '../observed/image-space.ts'
import { isCreation } from './plan-creation.ts'

/** The code of an image that does not fit into the image store of a server. */
export const lackCode = 'no-space'

/**
 * Compares the images that come to each server with the free space of its image store. Images that do not fit are named in the plan,
 * and not sent; whatever still fits is.
 *
 * @param imagesAtOnce how many images of a server come at once
 * @param spaces by the name of the server; a server that is missing is not judged
 */
export function fitImages(
  plan: Plan,
  spaces: ReadonlyMap<string, ImageSpace>,
  imagesAtOnce: (server: string) => number,
): Plan {
  const servers = plan.servers.map((server): ServerPlan => {
    const space = spaces.get(server.name)
    return server.status === 'unread' || space === undefined
      ? server
      : fitServer(server, space, imagesAtOnce(server.name))
  })
  return { ...plan, servers }
}

function fitServer(server: PlannedServer, space: ImageSpace, atOnce: number): PlannedServer {
  const coming = server.changes.filter(isCreation)
  if (coming.length === 0) return server
  const bytesNeeded = needed(coming, atOnce)
  if (space.status === 'hidden')
    return { ...server, space: { bytesNeeded, bytesFree: null, pool: null, why: space.why } }
  const { pool, free: bytesFree, status } = space
  const lacking = status === 'seen' ? findLacking(server.name, coming, space, atOnce) : []
  return {
    ...server,
    space: {
      bytesNeeded,
      bytesFree,
      pool,
      ...(status === 'likely' ? { why: 'the pool is probably on the same disk as the images' } : {}),
      ...(lacking.length === 0 ? {} : { lacking }),
    },
  }
}

/** The most bytes that are taken at once while all images come. */
function needed(coming: readonly Creation[], atOnce: number): number {
  let most = 0
  const taken = track(atOnce)
  for (const change of coming) {
    most = Math.max(most, taken.with(change))
    taken.add(change)
  }
  return most
}

function findLacking(
  server: string,
  coming: readonly Creation[],
  { pool, free }: Extract<ImageSpace, { status: 'seen' }>,
  atOnce: number,
): ImageProblem[] {
  const taken = track(atOnce)
  return coming.flatMap((change): ImageProblem[] => {
    const before = taken.isEmpty() ? '' : ` when the images before it are stored`
    if (taken.with(change) <= free) {
      taken.add(change)
      return []
    }
    // Without the free bytes: they change all the time, and a message that changes is reported again.
    const message = `Cannot bring image "${change.image}" to "${server}": it needs ${peakOf(change)} bytes there, and its image store (pool "${pool}") has less free${before}; delete old versions with "prune", or enlarge it`
    return [{ image: change.image, error: { code: lackCode, message } }]
  })
}

/** Adds up what images take: those that are stored, and what those that may still be coming take besides until they are stored. */
function track(atOnce: number): {
  add(change: Creation): void
  with(change: Creation): number
  isEmpty(): boolean
} {
  let stored = 0
  // Any of the images before may still be coming, so the largest of them count.
  let beside: number[] = []
  return {
    add(change) {
      stored += bytesOf(change)
      const all = [...beside, peakOf(change) - bytesOf(change)]
      beside = all.sort((a, b) => b - a).slice(0, atOnce - 1)
    },
    with: (change) => stored + beside.reduce((sum, bytes) => sum + bytes, 0) + peakOf(change),
    isEmpty: () => stored === 0,
  }
}

function bytesOf(change: Creation): number {
  return 'bytes' in change ? (change.bytes ?? 0) : 0
}

/** The bytes that an image takes while it comes. */
function peakOf(change: Creation): number {
  const isSplit = change.action === 'upload-image' && change.files.kind === 'split'
  // A server stores the whole request, and beside it the two files that it takes out of it.
  return isSplit ? 2 * bytesOf(change) : bytesOf(change)
}
