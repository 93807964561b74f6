import { type Client, createClient, type Transport, UnsupportedError } from '@hyperkit/core'
import type { ClientName } from './configuration/remote.ts'
import { type ResolvedRemote, resolveRemote } from './configuration/resolve-remote.ts'
import { createTransport } from './transport/create-transport.ts'
import { detectRuntime } from './transport/detect-runtime.ts'
import { toEndpoints } from './transport/endpoint.ts'
import type {
  AddressSwitch,
  ClusterTransportOptions,
  Environment,
  SocketTransportOptions,
  TransportOptions,
  UrlTransportOptions,
} from './transport/transport-options.ts'
import { rememberEndpoints } from './trust/endpoints.ts'

interface ClientPart<Auto extends boolean> {
  /** Project of all calls that name none. @default for a remote: that of the variable, else that of the remote; otherwise the server's */
  project?: string
  /** Whether calls that start work on the server wait until it has ended. @default true */
  autoSync?: Auto
  /** Milliseconds in which an answer must begin, and for which a body may stand still. @default those of core */
  answerTimeout?: number | false
  /** Bytes of the longest answer that is read, images excepted. @default that of core, 64 MiB */
  maxDocument?: number | undefined
  /**
   * Wraps the transport of the client: what it returns sees each request, and may answer it instead of the server.
   * {@link createRecorder} makes such a wrapper.
   */
  wrapTransport?: (transport: Transport) => Transport
  /** Called when requests to a server with several addresses go on through another one. */
  onSwitch?: ((change: AddressSwitch) => void) | undefined
}

/** A remote of the user's client configuration. */
export interface RemoteOptions {
  /** Name of a remote: `prod`, `incus:prod` or `lxc:prod`. @default the variable HYPERKIT_REMOTE, else the default remote */
  remote?: string
  url?: never
  socket?: never
  /** Whose configuration. @default both, `incus` first */
  client?: ClientName
  /** The client whose remote is taken if both have a built-in one of this name. */
  preferred?: ClientName
  /** Called with a sentence that says which remote was taken, if the name fits more than one. */
  notify?: (sentence: string) => void
  /** Environment variables: they choose folders, remote, project and proxy. @default the environment of the process */
  environment?: Environment
  /** Home folder. @default the variable HOME */
  home?: string
  /** Whether an OIDC login that has expired is renewed, and saved for the user's own client. @default true */
  renewsLogin?: boolean
}

/** Options of {@link connect}: a remote by its name, or a server by its URL or socket; and those of the client. */
export type ConnectOptions<Auto extends boolean = true> = ClientPart<Auto> &
  (RemoteOptions | UrlTransportOptions | ClusterTransportOptions | SocketTransportOptions)

/**
 * Makes a client for a server: the default remote of the user's own `incus` or `lxc` configuration, a remote by its name, or a
 * server by its URL, several URLs of a cluster, or its socket. Nothing is sent before the first call. If one of several addresses does
 * not answer, also in the middle of the work, another one is used.
 *
 * @throws ArgumentError for options that contradict each other, or a remote that does not exist
 * @throws UnsupportedError for what this runtime, or this library, cannot do
 * @throws HyperkitError `invalid-configuration`
 *
 * @example
 * ```ts
 * const client = await connect('prod')
 * const lab = await connect({ url: 'https://10.1.0.7:8443', serverCertificate: fingerprint, clientCertificate: { cert, key } })
 * ```
 */
export async function connect<Auto extends boolean = true>(
  target: string | ConnectOptions<Auto> = {},
): Promise<Client<Auto>> {
  const options: ConnectOptions<Auto> = typeof target === 'string' ? { remote: target } : target
  const { project, autoSync, answerTimeout, maxDocument, wrapTransport, onSwitch, ...where } = options
  const switching = onSwitch === undefined ? {} : { onSwitch }
  if (isRemote(where) && detectRuntime() === 'edge') {
    throw new UnsupportedError(
      'Cannot connect to a remote: an edge worker has no client configuration; give "url"',
    )
  }
  const resolved = isRemote(where) ? await resolveRemote(where.remote, where) : undefined
  const reached = {
    ...(resolved === undefined ? where : asOne(resolved.transports)),
    ...switching,
  } as TransportOptions
  const transport = await createTransport(reached)
  const client = createClient<Auto>({
    transport: wrapTransport?.(transport) ?? transport,
    project: project ?? resolved?.project,
    autoSync,
    answerTimeout,
    maxDocument,
  })
  rememberEndpoints(client, toEndpoints(reached))
  return client
}

function isRemote(where: RemoteOptions | TransportOptions): where is RemoteOptions {
  return where.url === undefined && where.socket === undefined
}

/** The addresses of a remote differ in their URL only. */
function asOne([first, ...others]: ResolvedRemote['transports']): TransportOptions {
  if (first.url === undefined || others.length === 0) return first
  return { ...first, url: [first, ...others].flatMap(({ url }) => url ?? []) }
}
