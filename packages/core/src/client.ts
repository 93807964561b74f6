import { type Aliases, createAliases } from './aliases/aliases.ts'
import { type Certificates, createCertificates } from './certificates/certificates.ts'
import { readCluster } from './cluster/read-cluster.ts'
import { ArgumentError } from './errors/errors.ts'
import { type EventsOptions, listenEvents } from './events/listen-events.ts'
import type { Answer } from './http/answer.ts'
import type { Call, CallOptions } from './http/call.ts'
import { Connection } from './http/connection.ts'
import { limitsOf } from './http/limits.ts'
import type { ViewOptions } from './http/read-view.ts'
import { createImages, type Images } from './images/images.ts'
import type { Cluster } from './model/cluster.ts'
import type { ConnectedEvent, ServerEvent } from './model/event.ts'
import type { ServerInfo } from './model/server-info.ts'
import type { View } from './model/view.ts'
import { createOperations, type Operations } from './operations/operations.ts'
import type { Transport } from './transport/transport.ts'

declare global {
  // For programs whose `lib` does not include ESNext.Disposable; otherwise the two declarations merge.
  interface SymbolConstructor {
    readonly dispose: unique symbol
    readonly asyncDispose: unique symbol
  }
  interface Disposable {
    [Symbol.dispose](): void
  }
  interface AsyncDisposable {
    [Symbol.asyncDispose](): PromiseLike<void>
  }
}

/** Options of {@link createClient}. */
export interface ClientOptions<Auto extends boolean = true> {
  /** How to reach the server: `connect()` of @hyperkit/connect makes a transport, `fetchTransport()` the simplest one. */
  transport: Transport
  /** The project of calls that do not name one. @default the server's: `default` */
  project?: string | undefined
  /**
   * Whether calls that start work on the server wait for its end and give the result. Without it they give the operation under way.
   * @default true
   */
  autoSync?: Auto | undefined
  /**
   * Milliseconds in which an answer must begin, and for which its body, or one that is sent, may stand still; `false` for no limit. Waiting
   * for an operation is not limited by it.
   *
   * @default that of the transport, else 10_000 for the description of the server, 120_000 for a change, otherwise 60_000: a list of many images can keep a server
   *   from answering for half a minute
   */
  answerTimeout?: number | false | undefined
  /**
   * Bytes of the longest answer that is read, images excepted: they are never held in memory. A longer one is an error
   * (`answer-too-long`). A list of 10,000 images has about 10 MiB.
   * @default that of the transport, else 67_108_864
   */
  maxDocument?: number | undefined
}

/** One LXD or Incus server. */
export interface Client<Auto extends boolean = true> {
  /** The server's name in errors. */
  readonly name: string
  /** The server's address: `https://10.1.0.7:8443`, or `http://unix.socket` for a socket. */
  readonly origin: string
  /** The address that requests are sent to now: `origin`, unless the server has several addresses and another one is in use. */
  readonly address: string
  /** The project of calls that do not name one; undefined for the server's own, `default`. */
  readonly projectName: string | undefined
  readonly images: Images<Auto>
  readonly aliases: Aliases
  readonly operations: Operations
  readonly certificates: Certificates
  /** What kind of server it is and what it can do. Read once, and again with `fresh`. */
  server(options?: CallOptions & { fresh?: boolean }): Promise<ServerInfo>
  /**
   * The members of the server's cluster and their states, read from the server at this moment. It distinguishes a single server from a
   * cluster whose members this client may not see.
   */
  cluster(options?: Pick<CallOptions, 'signal'>): Promise<Cluster>
  /**
   * What this client sees of the images of its project, read from the server at this moment. A client with fewer rights sees less,
   * and the server answers "not found" for the rest.
   */
  view(options?: ViewOptions): Promise<View>
  /** The events of the server from now on. */
  events(options?: EventsOptions): AsyncGenerator<ServerEvent | ConnectedEvent, void>
  /** The same server, with another project. */
  project(name: string): Client<Auto>
  /** Any other call of the API. It reads the envelope and throws errors. */
  request(call: Omit<Call, 'action' | 'body'> & { action?: string }): Promise<Answer>
  /** Closes idle connections; the client can still be used. `using` and `await using` call it at the end of their block. */
  close(): void
  /** As `close`, for `using`. */
  [Symbol.dispose](): void
  /** As `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A client for one server. Nothing is sent before the first call.
 *
 * @example
 * ```ts
 * const client = createClient({ transport: fetchTransport('https://images.example.org:8443') })
 * for (const image of await client.images.list()) console.log(image.fingerprint, image.aliases)
 * ```
 */
export function createClient<Auto extends boolean = true>(options: ClientOptions<Auto>): Client<Auto> {
  const { transport, project, autoSync = true, answerTimeout, maxDocument } = options
  if (typeof transport?.fetch !== 'function' || !transport.origin) {
    throw new ArgumentError(
      'transport',
      'Cannot create a client without a transport: use connect() of @hyperkit/connect, or fetchTransport(url)',
    )
  }
  return over(
    new Connection(transport, {
      project: checkProject(project),
      limits: limitsOf({
        answerTimeout: answerTimeout ?? transport.answerTimeout,
        maxDocument: maxDocument ?? transport.maxDocument,
      }),
    }),
    autoSync,
  )
}

function over<Auto extends boolean>(connection: Connection, autoSync: boolean): Client<Auto> {
  const close = (): void => connection.transport.close?.()
  return {
    name: connection.name,
    origin: connection.transport.origin,
    get address() {
      const { addresses, origin } = connection.transport
      return addresses?.current() ?? origin
    },
    projectName: connection.project,
    images: createImages<Auto>(connection, autoSync),
    aliases: createAliases(connection),
    operations: createOperations(connection),
    certificates: createCertificates(connection),
    server: (options) => connection.server(options),
    cluster: (options) => readCluster(connection, options),
    view: (options) => connection.view(options),
    events: (options) => listenEvents(connection, options),
    project: (name) => over(connection.inProject(checkProject(name) ?? 'default'), autoSync),
    request: (call) => connection.ask({ action: `${call.method} ${call.path}`, ...call }),
    close,
    [Symbol.dispose]: close,
    [Symbol.asyncDispose]: async () => close(),
  }
}

function checkProject(project: string | undefined): string | undefined {
  if (project === '')
    throw new ArgumentError(
      'project',
      'Cannot use an empty project name: leave it out for the default project',
    )
  return project
}
