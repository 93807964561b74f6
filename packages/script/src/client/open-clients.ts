import { connect, listRemotes } from '@hyperkit/connect'
import type { Client } from '@hyperkit/core'
import { splitRemoteName } from '../arguments/split-remote-name.ts'
import { bindSignal } from './bind-signal.ts'
import type { HeldCall } from './held-call.ts'
import { holdChanges } from './hold-changes.ts'
import { type BegunOperation, watchOperations } from './watch-operations.ts'

/** A thing on a server, and the client for that server. */
export interface Reached {
  client: Client
  /** What stands behind the colon; empty for `prod:`. */
  name: string
  /** As given; undefined for the default remote. */
  remote: string | undefined
}

/** Options of `connect` and `reach` of a script. */
export interface ConnectRemoteOptions {
  /** @default the one of `--project`, else the remote's */
  project?: string | undefined
}

/** The clients of one run: all under the same signal, and under `--dry-run` all unable to change anything. */
export interface Clients {
  /** @param remote `prod`, `incus:prod`, `lxc:prod`. @default the one of `--remote`, else the default remote */
  connect(remote?: string, options?: ConnectRemoteOptions): Promise<Client>
  /** Takes `prod:alpine` apart and connects to `prod`. */
  reach(text: string, options?: ConnectRemoteOptions): Promise<Reached>
  readonly begun: readonly BegunOperation[]
  readonly held: readonly HeldCall[]
  close(): void
}

/** What holds for all clients of a run. */
export interface OpenClientsOptions {
  signal: AbortSignal
  remote: string | undefined
  project: string | undefined
  dryRun: boolean
}

/** The clients of one run, opened when they are asked for. */
export function openClients({ signal, remote: chosen, project, dryRun }: OpenClientsOptions): Clients {
  const clients = new Map<string, Promise<Client>>()
  const begun: BegunOperation[] = []
  const held: HeldCall[] = []
  let remotes: Promise<string[]> | undefined

  const open = async (remote: string | undefined, wanted: string | undefined): Promise<Client> => {
    const client = await connect({
      ...(remote === undefined ? {} : { remote }),
      ...(wanted === undefined ? {} : { project: wanted }),
      wrapTransport: (transport) => {
        const watched = watchOperations(transport, (operation) => begun.push(operation))
        return dryRun ? holdChanges(watched, (call) => held.push(call)) : watched
      },
    })
    return bindSignal(client, signal)
  }
  const connectTo: Clients['connect'] = (remote = chosen, options = {}) => {
    const wanted = options.project ?? project
    const key = JSON.stringify([remote, wanted])
    const known = clients.get(key) ?? open(remote, wanted)
    clients.set(key, known)
    return known
  }
  return {
    begun,
    held,
    connect: connectTo,
    async reach(text, options) {
      // Without a colon no configuration needs to be read for this.
      remotes ??= text.includes(':') ? listRemotes().then((all) => all.map(({ name }) => name)) : undefined
      const { remote, name } = splitRemoteName(text, (await remotes) ?? [])
      return { client: await connectTo(remote, options), name, remote: remote ?? chosen }
    },
    close() {
      for (const client of clients.values()) client.then((opened) => opened.close()).catch(() => {})
    },
  }
}
