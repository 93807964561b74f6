import {
  type ClientName,
  connect,
  openRemoteStreams,
  type RemoteStreamsOptions,
  readClientConfiguration,
} from '@hyperkit/connect'
import type { Client, Simplestreams, Transport } from '@hyperkit/core'
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
  /** As given; undefined for the default remote. */
  remote: string | undefined
}

/** A reference to an image, and its source: a server or a simplestreams server. */
export interface ReachedSource {
  /** A client if it has `images`. */
  source: Client | Simplestreams
  /** The text after the colon. */
  name: string
  /** As given; undefined for the default remote. */
  remote: string | undefined
}

/** Options of `connect` and `reach` of a script. */
export interface ConnectRemoteOptions {
  /** @default the one of `--project`, else the remote's */
  project?: string | undefined
}

/** Options of `reachSource` of a script. */
export interface ReachSourceOptions extends ConnectRemoteOptions {
  /** The client whose remote is meant if incus and lxc have different built-in ones of the name; called only then. */
  preferred?: (() => Promise<ClientName>) | undefined
}

/** The clients of one run. All have the same signal, and under `--dry-run` none can change anything. */
export interface Clients {
  /** @param remote `prod`, `incus:prod`, `lxc:prod`. @default the one of `--remote`, else the default remote */
  connect(remote?: string, options?: ConnectRemoteOptions): Promise<Client>
  /** Splits `prod:alpine` and connects to `prod`. */
  reach(text: string, options?: ConnectRemoteOptions): Promise<Reached>
  /** As `reach`, also for a remote such as `images`, which is a simplestreams server. */
  reachSource(text: string, options?: ReachSourceOptions): Promise<ReachedSource>
  /** Operations that servers began so far, ended or not. */
  readonly begun: readonly BegunOperation[]
  /** Calls that were not sent so far, because of `dryRun`. */
  readonly held: readonly HeldCall[]
  /** Ends idle connections. */
  close(): void
  /** As `close`, for `using`. */
  [Symbol.dispose](): void
}

/** Options of {@link openClients}, for all clients of a run. */
export interface OpenClientsOptions {
  signal: AbortSignal
  remote: string | undefined
  project: string | undefined
  dryRun: boolean
  /** Called with the remote that a name was taken for, if it is ambiguous. */
  notify?: ((sentence: string) => void) | undefined
  /** Called with warnings of creations, unless the call has a handler of its own. */
  onWarning?: ((sentence: string) => void) | undefined
  /** Wraps the transport of each. @default nothing */
  wrapTransport?: ((transport: Transport) => Transport) | undefined
}

/**
 * The clients of one run, opened when they are asked for.
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
  wrapTransport = (transport) => transport,
}: OpenClientsOptions): Clients {
  const clients = new Map<string, Promise<Client>>()
  // Once for all images of a run: each would read the whole list again.
  const streams = new Map<string, Promise<Simplestreams | undefined>>()
  const begun: BegunOperation[] = []
  const held: HeldCall[] = []
  let configurations: ReturnType<typeof readClientConfiguration> | undefined
  const told = new Set<string>()
  const tell = (sentence: string): void => {
    if (!told.has(sentence)) notify?.(sentence)
    told.add(sentence)
  }

  const open = async (remote: string | undefined, wanted: string | undefined): Promise<Client> => {
    const client = await connect({
      ...(remote === undefined ? {} : { remote }),
      ...(wanted === undefined ? {} : { project: wanted }),
      notify: tell,
      wrapTransport: (transport) => {
        const watched = watchOperations(wrapTransport(transport), (operation) => begun.push(operation))
        return dryRun ? holdChanges(watched, (call) => held.push(call)) : watched
      },
    })
    return bindOptions(client, { signal, onWarning })
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
    // A file that cannot be read may have it: connecting to it then reports that file.
    const isUnknown = read.some(({ problems }) => problems.length > 0) && !first.includes('/')
    const { remote, name } = splitRemoteName(text, isUnknown ? [...names, first] : names)
    return { remote: remote ?? chosen, name }
  }
  const isStreams = async (remote: string): Promise<boolean> => {
    configurations ??= readClientConfiguration()
    return (await configurations).some(({ client, remotes }) =>
      [...remotes.values()].some(
        ({ name, protocol }) => protocol === 'simplestreams' && [name, `${client}:${name}`].includes(remote),
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
      if (remote === undefined || !(await isStreams(remote)))
        return { source: await connectTo(remote, options), name, remote }
      const preferred = await options?.preferred?.()
      const key = JSON.stringify([remote, preferred])
      const known = streams.get(key) ?? openStreams(remote, { preferred, notify: tell })
      streams.set(key, known)
      return { source: (await known) ?? (await connectTo(remote, options)), name, remote }
    },
    close,
    [Symbol.dispose]: close,
  }
}

async function openStreams(
  remote: string,
  options: Pick<RemoteStreamsOptions, 'preferred' | 'notify'>,
): Promise<Simplestreams | undefined> {
  const { createHash } = await import('node:crypto')
  return openRemoteStreams(remote, { ...options, createHash: () => createHash('sha256') })
}
