import type { ServerContext } from '../call/context.ts'
import { type Cluster, createCluster, type Member, markDown, markUp } from '../cluster/cluster.ts'
import { memberOperations } from '../cluster/member-operations.ts'
import { memberStore } from '../cluster/member-store.ts'
import { dialects } from '../dialect/dialects.ts'
import { memoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import type { ConnectionInfo } from '../trust/peer.ts'
import { type ImageServerOptions, openServer } from './create-image-server.ts'
import { dispatch } from './dispatch.ts'
import { type Listening, startListening } from './listen.ts'
import type { ListenOptions } from './listen-options.ts'

/** Options of {@link createImageCluster}. */
export interface ImageClusterOptions extends Omit<ImageServerOptions, 'serverName'> {
  /** Where the members keep what they share; its image files are not used. @default memoryStore() */
  store?: Store
  /** Where each member keeps its image files; as many members as there are disks. @default three memoryStore() */
  disks?: readonly Store[]
  /** `cluster.images_minimal_replica`: how many members have the files of an image; -1 is all of them. @default 1, so that each image lies on one member only */
  replicas?: number
  /** `cluster.offline_threshold`: milliseconds after which the others notice that a member is down. @default 20000 */
  offlineAfter?: number
}

/** A member of {@link ImageCluster}. */
export interface ImageClusterMember {
  /** `m1`, `m2` and so on. */
  readonly name: string
  /** As {@link ImageServer.fetch}; a member that is down closes the connection. */
  fetch(request: Request, info?: ConnectionInfo): Promise<Response>
  /** Serves http, https or a unix socket; may be called several times. */
  listen(options: ListenOptions): Promise<Listening>
  /** Ends the member as SIGKILL does: its connections break, new ones are refused, its operations are lost, its files cannot be reached. */
  kill(): Promise<void>
  /** Starts it again at the same addresses. */
  start(): Promise<void>
}

/** Servers that share their images, certificate and trust, and have image files of their own. */
export interface ImageCluster {
  readonly members: readonly ImageClusterMember[]
  /** Ends all members. Stored images stay. */
  close(): Promise<void>
  /** Same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Creates a cluster of image servers in this process. Its members do not listen before they are asked to.
 *
 * @example
 * ```ts
 * const cluster = await createImageCluster({ dialect: 'incus-7.0' })
 * const [first, second] = cluster.members
 * await first?.listen({ http: {} })
 * await second?.kill()
 * await cluster.close()
 * ```
 */
export async function createImageCluster(options: ImageClusterOptions): Promise<ImageCluster> {
  const { store = memoryStore(), replicas = 1, offlineAfter = 20_000 } = options
  const disks = options.disks ?? [memoryStore(), memoryStore(), memoryStore()]
  const dialect = typeof options.dialect === 'string' ? dialects[options.dialect] : options.dialect
  const members = disks.map(
    (disk, index): Member => ({ name: `m${index + 1}`, disk, address: '', down: undefined, lost: new Map() }),
  )
  const cluster = createCluster({ dialect, members, replicas, offlineAfter })
  const [first] = members
  if (first === undefined) throw new Error('Cannot create a cluster without members: give at least one disk')
  const shared = await openServer(
    { ...options, dialect, store: memberStore(store, cluster, first) },
    () => {},
  )
  const served = members.map((member) => serve(shared, cluster, store, member, options.faults))
  const close = async (): Promise<void> => {
    shared.operations.forget()
    shared.events.close()
    await Promise.all(served.map((one) => one.close()))
  }
  return { members: served, close, [Symbol.asyncDispose]: close }
}

function serve(
  shared: ServerContext,
  cluster: Cluster,
  records: Store,
  member: Member,
  faults: ImageServerOptions['faults'],
): ImageClusterMember & { close(): Promise<void> } {
  const context: ServerContext = {
    ...shared,
    cluster,
    member,
    serverName: member.name,
    store: memberStore(records, cluster, member),
    operations: memberOperations(shared.operations, cluster, member, shared.dialect),
    addresses: new Set(),
  }
  const answer = async (request: Request, info?: ConnectionInfo): Promise<Response> => {
    if (member.down !== undefined) throw new Error(`the member ${member.name} is down`)
    const answerIt = () => dispatch(context, request, info)
    return faults === undefined ? answerIt() : faults(request, answerIt)
  }
  const places: { options: ListenOptions; listening: Listening }[] = []
  const close = async (): Promise<void> => {
    await Promise.all(places.map(({ listening }) => listening.close()))
  }
  return {
    name: member.name,
    fetch: answer,
    async listen(options) {
      const listening = await startListening(context, options, answer)
      if ('https' in options) member.address = new URL(listening.url).host
      places.push({ options: atPort(options, listening.port), listening })
      return listening
    },
    async kill() {
      markDown(member, shared.operations.forgetThoseAt(member.name))
      await close()
    },
    async start() {
      markUp(member)
      for (const place of places) place.listening = await startListening(context, place.options, answer)
    },
    close,
  }
}

/** The same address again. */
function atPort(options: ListenOptions, port: number): ListenOptions {
  if ('socket' in options) return options
  return 'https' in options ? { https: { ...options.https, port } } : { http: { ...options.http, port } }
}
