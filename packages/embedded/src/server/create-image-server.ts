import type { ImageStore, ServerContext } from '../call/context.ts'
import type { Dialect, WaitDialect } from '../dialect/dialect.ts'
import { type DialectName, dialects } from '../dialect/dialects.ts'
import { createEventHub } from '../events/event-hub.ts'
import { renderOperationEvent } from '../operations/operation.ts'
import { createOperations } from '../operations/operations.ts'
import { blobsOf, type GroupRecord, openRecords } from '../records/records.ts'
import type { SeededInstance } from '../records/seeded-instance.ts'
import { memoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { loadIdentity } from '../trust/identity.ts'
import type { ConnectionInfo } from '../trust/peer.ts'
import { dispatch } from './dispatch.ts'
import { type Listening, startListening } from './listen.ts'
import type { ListenOptions } from './listen-options.ts'

/** Called for every request: it can wait, answer itself, return `closeWithoutAnswer()`, or change the answer. */
export type Faults = (request: Request, answer: () => Promise<Response>) => Response | Promise<Response>

/** Options of {@link createImageServer}. */
export interface ImageServerOptions {
  /**
   * Which server to imitate. `lxd` and `incus` are short for `lxd-5.0` and `incus-6.0`. A dialect with changed fields is
   * `{ ...dialects['lxd-6.9'], publicInDefaultOnly: false }`.
   */
  dialect: DialectName | Dialect
  /** Where images are stored. @default memoryStore() */
  store?: Store
  /** @default 'embedded' */
  serverName?: string
  /** @default that of the dialect */
  waitDialect?: WaitDialect
  /** `core.trust_password`, which LXD before 6.2 knows. @default none */
  trustPassword?: string
  /** Instances that can be published. The server changes this list itself when they are started, stopped or deleted. @default none */
  instances?: SeededInstance[]
  /** How long a finished operation can be read and a used secret is valid, in milliseconds. @default 5000; the real `lxd-main` takes up to a minute more */
  retention?: number
  /** How long LXD 5.0.2 takes to rename an alias, in milliseconds; its PATCH takes twice as long (T9: 10 s). @default 0 */
  aliasDelay?: number
  /** The volume of `storage.images_volume`, and the bytes of its pool; it is not enforced. @default the disk of the host */
  imageStore?: ImageStore
  /** PEM of an authority by which this server trusts registries of OCI images. @default those of the runtime */
  authorities?: string
  faults?: Faults
}

/** An LXD or Incus image server in this process. */
export interface ImageServer {
  /**
   * Answers one request. Without `info` the caller has full rights, as on the unix socket.
   *
   * `/1.0/events` needs {@link ImageServer.listen}: a WebSocket does not fit into a response.
   */
  fetch(request: Request, info?: ConnectionInfo): Promise<Response>
  /** Serves http, https or a unix socket; may be called several times. */
  listen(options: ListenOptions): Promise<Listening>
  /**
   * Restarts as a daemon does: connections break, operations and secrets are forgotten.
   *
   * @param crashed the daemon was killed: `lxd-main` then shows the operations that were running as failures. @default false
   */
  restart(crashed?: boolean): Promise<void>
  /** Ends all listeners and operations. Stored images stay. */
  close(): Promise<void>
  /** Same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Creates an image server. It does not listen before {@link ImageServer.listen} is called.
 *
 * @example
 * ```ts
 * const server = createImageServer({ dialect: 'incus' })
 * const { url } = await server.listen({ http: { host: '127.0.0.1', port: 0, trust: 'admin' } })
 * const client = createClient({ transport: fetchTransport(url) })
 * await client.aliases.list()
 * await server.close()
 * ```
 */
export function createImageServer(options: ImageServerOptions): ImageServer {
  const listeners = new Set<Listening & { dropConnections(): void }>()
  const restart = (context: ServerContext, crashed: boolean): void => {
    context.operations.forget(crashed)
    for (const listener of listeners) listener.dropConnections()
  }
  let opened: Promise<ServerContext> | undefined
  const open = (): Promise<ServerContext> => {
    opened ??= openServer(options, restart)
    return opened
  }
  const answer = async (request: Request, info?: ConnectionInfo): Promise<Response> => {
    const server = await open()
    const stopping = server.operations.stopping()
    if (stopping) await stopping
    const answerIt = () => dispatch(server, request, info)
    return options.faults === undefined ? answerIt() : options.faults(request, answerIt)
  }
  const close = async (): Promise<void> => {
    const server = await opened
    server?.operations.forget()
    server?.events.close()
    await Promise.all([...listeners].map((listener) => listener.close()))
    listeners.clear()
  }
  return {
    fetch: answer,
    async listen(listenOptions) {
      const listener = await startListening(await open(), listenOptions, answer)
      listeners.add(listener)
      const closeOne = async (): Promise<void> => {
        listeners.delete(listener)
        await listener.close()
      }
      return { ...listener, close: closeOne, [Symbol.asyncDispose]: closeOne }
    },
    async restart(crashed = false) {
      restart(await open(), crashed)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The state of a new server, from its store. */
export async function openServer(
  options: ImageServerOptions,
  restart: (context: ServerContext, crashed: boolean) => void,
): Promise<ServerContext> {
  const dialect = typeof options.dialect === 'string' ? dialects[options.dialect] : options.dialect
  const store = options.store ?? memoryStore()
  const serverName = options.serverName ?? 'embedded'
  const records = await openRecords(store)
  await store.sweep(new Set(records.images.values().flatMap(blobsOf)))
  const events = createEventHub()
  const context: ServerContext = {
    ...records,
    dialect,
    store,
    serverName,
    events,
    wait: options.waitDialect ?? dialect.wait,
    instances: options.instances ?? [],
    trustPassword: dialect.trustPassword ? options.trustPassword : undefined,
    imageStore: options.imageStore,
    authorities: options.authorities,
    aliasDelay: options.aliasDelay ?? 0,
    identity: await loadIdentity(store, serverName),
    downloads: new Map(),
    publishing: Promise.resolve(),
    addresses: new Set(),
    operations: createOperations({
      dialect,
      retention: options.retention ?? 5000,
      onChange: (operation) =>
        events.emit(
          'operation',
          operation.project,
          renderOperationEvent(dialect, operation),
          operation.location,
        ),
      onCrash: () => restart(context, true),
    }),
  }
  if (records.projects.get('default') === undefined) await addDefaults(context)
  return context
}

async function addDefaults({ dialect, projects, groups }: ServerContext): Promise<void> {
  if (dialect.identities) await groups.put(admins)

  await projects.put({
    name: 'default',
    description: `Default ${dialect.productName} project`,
    config: Object.fromEntries(dialect.defaultProjectFeatures.map((name) => [`features.${name}`, 'true'])),
  })
}

/** The group that every LXD server with groups has from the start. */
const admins: GroupRecord = {
  name: 'admins',
  description: 'Server administrators',
  permissions: [{ entity_type: 'server', url: '/1.0', entitlement: 'admin' }],
}
