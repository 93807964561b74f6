import {
  type ClientName,
  connect,
  openRemoteRegistry,
  openRemoteStreams,
  type RemoteStreamsOptions,
  readClientConfiguration,
} from '@hyperkit/connect'
import type { Client, Registry, Simplestreams, Transport } from '@hyperkit/core'
import { createSlowReport } from '@hyperkit/terminal'
import { renderSlow } from '@hyperkit/terminal/text'
import { splitRemoteName } from '../arguments/split-remote-name.ts'
import { bindOptions } from './bind-options.ts'
import type { HeldCall } from './held-call.ts'
import { holdChanges } from './hold-changes.ts'
import { type BegunOperation, watchOperations } from './watch-operations.ts'

/** A reference to something on a server, and the client for that server. */
export interface Reached {
  client: Client
  /** The text after the colon; empty for `prod:`. */
  name: string
  /** The remote as it was given; undefined for the default remote. */
  remote: string | undefined
}

/** A reference to an image, and its source: a server, a simplestreams server or a registry of OCI images. */
export interface ReachedSource {
  /** The client of a server, a simplestreams server, or a registry: only a client has `images`, and only a registry has `kind`. */
  source: Client | Simplestreams | Registry
  /** The text after the colon. */
  name: string
  /** The remote as it was given; undefined for the default remote. */
  remote: string | undefined
}

/** Options of `connect` and `reach` of a script. */
export interface ConnectRemoteOptions {
  /** The project. @default that of `--project`, else that of the remote */
  project?: string | undefined
}

/** Options of `reachSource` of a script. */
export interface ReachSourceOptions extends ConnectRemoteOptions {
  /** Returns the client whose remote is preferred. Called only if incus and lxc have different built-in remotes of the name. */
  preferred?: (() => Promise<ClientName>) | undefined
}

/** The clients of one run. All share one signal, and with `--dry-run` none can change anything. */
export interface Clients {
  /** Connects to a remote. @param remote `prod`, `incus:prod` or `lxc:prod`; default: that of `--remote`, else the default remote */
  connect(remote?: string, options?: ConnectRemoteOptions): Promise<Client>
  /** Splits `prod:alpine` and connects to `prod`. */
  reach(text: string, options?: ConnectRemoteOptions): Promise<Reached>
  /** Works like `reach`, and also accepts simplestreams remotes such as `images`, and registries such as `docker`. */
  reachSource(text: string, options?: ReachSourceOptions): Promise<ReachedSource>
  /** The operations that servers have begun so far, including those that have ended. */
  readonly begun: readonly BegunOperation[]
  /** The calls that were not sent so far because of `dryRun`. */
  readonly held: readonly HeldCall[]
  /** Ends idle connections. */
  close(): void
  /** The same as `close`, for `using`. */
  [Symbol.dispose](): void
}

/** Options of {@link openClients}, for all clients of a run. */
export interface OpenClientsOptions {
  signal: AbortSignal
  remote: string | undefined
  project: string | undefined
  dryRun: boolean
  /** Called with a sentence that says which remote was chosen, if a name is ambiguous. */
  notify?: ((sentence: string) => void) | undefined
  /** Called with warnings of creations, unless the call has a handler of its own. */
  onWarning?: ((sentence: string) => void) | undefined
  /** Bytes of the longest list of a simplestreams server; that of other servers is a property of their transport. @default 67108864 */
  maxDocument?: number | undefined
  /** Wraps the transport of each client. @default no wrapper */
  wrapTransport?: ((transport: Transport) => Transport) | undefined
}

/**
 * Makes the clients of one run; each is opened when it is first used.
 *
 * @see {@link runScript}
 */
export function openClients({
  signal,
  remote: chosen,
  project,
  dryRun,
  notify,
  onWarning = () => undefined,
  maxDocument,
  wrapTransport = (transport) => transport,
}: OpenClientsOptions): Clients {
  const clients = new Map<string, Promise<Client>>()
  // One instance for all images of a run, because each instance reads the whole list.
  const streams = new Map<string, Promise<Simplestreams | Registry | undefined>>()
  const begun: BegunOperation[] = []
  const held: HeldCall[] = []
  let configurations: ReturnType<typeof readClientConfiguration> | undefined
  const told = new Set<string>()
  const slow = createSlowReport((names) => {
    for (const name of new Set(names)) tell(renderSlow([name]))
  })
  const tell = (sentence: string): void => {
    if (!told.has(sentence)) notify?.(sentence)
    told.add(sentence)
  }

  const open = async (remote: string | undefined, wanted: string | undefined): Promise<Client> => {
    const client = await connect({
      ...(remote === undefined ? {} : { remote }),
      ...(wanted === undefined ? {} : { project: wanted }),
      renewsLogin: !dryRun,
      notify: tell,
      wrapTransport: (transport) => {
        const watched = watchOperations(wrapTransport(transport), (operation) => begun.push(operation))
        return dryRun ? holdChanges(watched, (call) => held.push(call)) : watched
      },
    })
    return bindOptions(client, { signal, onWarning, during: slow.during })
  }
  const connectTo: Clients['connect'] = (remote = chosen, options = {}) => {
    const wanted = options.project ?? project
    const key = JSON.stringify([remote, wanted])
    const known = clients.get(key) ?? open(remote, wanted)
    clients.set(key, known)
    return known
  }
  const split = async (text: string): Promise<{ remote: string | undefined; name: string }> => {
    // Without a colon no configuration needs to be read for this.
    configurations ??= text.includes(':') ? readClientConfiguration() : undefined
    const read = (await configurations) ?? []
    const names = read.flatMap(({ remotes }) => [...remotes.keys()])
    const [first = ''] = text.split(':')
    // An unreadable file may contain the remote; connecting reports that file.
    const isUnknown = read.some(({ problems }) => problems.length > 0) && !first.includes('/')
    const { remote, name } = splitRemoteName(text, isUnknown ? [...names, first] : names)
    return { remote: remote ?? chosen, name }
  }
  const hasNoApi = async (remote: string): Promise<boolean> => {
    configurations ??= readClientConfiguration()
    return (await configurations).some(({ client, remotes }) =>
      [...remotes.values()].some(
        ({ name, protocol }) =>
          (protocol === 'simplestreams' || protocol === 'oci') &&
          [name, `${client}:${name}`].includes(remote),
      ),
    )
  }
  const close = (): void => {
    for (const client of clients.values()) client.then((opened) => opened.close()).catch(() => {})
  }
  return {
    begun,
    held,
    connect: connectTo,
    async reach(text, options) {
      const { remote, name } = await split(text)
      return { client: await connectTo(remote, options), name, remote }
    },
    async reachSource(text, options) {
      const { remote, name } = await split(text)
      if (remote === undefined || !(await hasNoApi(remote)))
        return { source: await connectTo(remote, options), name, remote }
      const preferred = await options?.preferred?.()
      const key = JSON.stringify([remote, preferred])
      const known =
        streams.get(key) ?? openStreams(remote, { preferred, notify: tell, maxDocument, onWarning }, dryRun)
      streams.set(key, known)
      return { source: (await known) ?? (await connectTo(remote, options)), name, remote }
    },
    close,
    [Symbol.dispose]: close,
  }
}

async function openStreams(
  remote: string,
  options: Pick<RemoteStreamsOptions, 'preferred' | 'notify' | 'maxDocument' | 'onWarning'>,
  keepsNothing: boolean,
): Promise<Simplestreams | Registry | undefined> {
  const { preferred, notify } = options
  const registry = await openRemoteRegistry(remote, { preferred, notify, keepsNothing })
  if (registry !== undefined) return registry
  const { createHash } = await import('node:crypto')
  return openRemoteStreams(remote, { ...options, createHash: () => createHash('sha256') })
}
