import { type Client, createClient, isHyperkitError, type Transport, UnsupportedError } from '@hyperkit/core'
import { discardBody } from '@hyperkit/core/parts'
import type { ClientName } from './configuration/remote.ts'
import { resolveRemote } from './configuration/resolve-remote.ts'
import { createTransport } from './transport/create-transport.ts'
import { detectRuntime } from './transport/detect-runtime.ts'
import { toEndpoint } from './transport/endpoint.ts'
import type {
  Environment,
  SocketTransportOptions,
  TransportOptions,
  UrlTransportOptions,
} from './transport/transport-options.ts'
import { rememberEndpoint } from './trust/endpoints.ts'

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
  (RemoteOptions | UrlTransportOptions | SocketTransportOptions)

/**
 * Makes a client for a server: the default remote of the user's own `incus` or `lxc` configuration, a remote by its name, or a
 * server by its URL or socket. Nothing is sent before the first call, except to find out which of several addresses of a remote
 * answers.
 *
 * @throws ArgumentError for options that contradict each other, or a remote that does not exist
 * @throws UnsupportedError for what this runtime, or this library, cannot do
 * @throws HyperkitError `invalid-configuration`; `unreachable` if no address of a remote answers
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
  const { project, autoSync, answerTimeout, maxDocument, wrapTransport, ...where } = options
  if (isRemote(where) && detectRuntime() === 'edge') {
    throw new UnsupportedError(
      'Cannot connect to a remote: an edge worker has no client configuration; give "url"',
    )
  }
  const resolved = isRemote(where) ? await resolveRemote(where.remote, where) : undefined
  const candidates = resolved?.transports ?? [where as TransportOptions]
  const { transport, chosen } = await firstReachable(candidates)
  const client = createClient<Auto>({
    transport: wrapTransport?.(transport) ?? transport,
    project: project ?? resolved?.project,
    autoSync,
    answerTimeout,
    maxDocument,
  })
  rememberEndpoint(client, toEndpoint(chosen))
  return client
}

function isRemote(where: RemoteOptions | TransportOptions): where is RemoteOptions {
  return where.url === undefined && where.socket === undefined
}

// An address that does not answer would delay the next one for minutes. The limit is for this attempt only, not for calls.
const patience = 5_000

async function firstReachable(
  candidates: readonly TransportOptions[],
): Promise<{ transport: Transport; chosen: TransportOptions }> {
  for (const chosen of candidates.slice(0, -1)) {
    const transport = await createTransport(chosen)
    try {
      const answer = await transport.fetch(`${transport.origin}/1.0`, {
        redirect: transport.redirect ?? 'error',
        signal: AbortSignal.timeout(patience),
      })
      await discardBody(answer)
      return { transport, chosen }
    } catch (error) {
      transport.close?.()
      // A server answered, but not the expected one: that must be reported, not skipped.
      if (isHyperkitError(error)) throw error
    }
  }
  const chosen = candidates[candidates.length - 1] as TransportOptions
  return { transport: await createTransport(chosen), chosen }
}
