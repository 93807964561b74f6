import type { Client } from '@hyperkit/core'
import type { Manifest } from '../manifest/manifest.ts'
import { openClient } from '../observed/open-client.ts'
import type { OpenOptions } from '../sources/wrap-transport.ts'

/** Clients for the servers of a manifest. */
export interface Connections {
  /** The client of a server, opened at the first call. */
  open(server: string): Promise<Client>
  /** Closes all connections. */
  close(): Promise<void>
}

/** Opens one client for each server, when it is first needed. */
export function openOnce(manifest: Pick<Manifest, 'servers'>, options: OpenOptions = {}): Connections {
  const clients = new Map<string, Promise<Client>>()
  return {
    open(name) {
      const server = manifest.servers.find((candidate) => candidate.name === name)
      if (server === undefined) throw new Error(`The manifest has no server "${name}"`)
      const client = clients.get(name) ?? openClient(server, options)
      clients.set(name, client)
      return client
    },
    async close() {
      for (const client of await Promise.allSettled(clients.values()))
        if (client.status === 'fulfilled') client.value.close()
    },
  }
}

/** Connections of a caller, which closes them itself. */
export function keepOpen({ open }: Connections): Connections {
  return { open, close: async () => {} }
}
