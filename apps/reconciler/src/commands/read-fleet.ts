import { type Client, isHyperkitError } from '@hyperkit/core'
import type { Manifest, ManifestServer } from '@hyperkit/reconcile/parts'
import { findServers, loadManifests, mapAtMost, openOnce, type Preparing } from '@hyperkit/reconcile/parts'
import { type ManifestOptions, readPaths } from './manifest-options.ts'

/** The servers of a manifest, without a look at its images' sources: what is to be undone may be gone from the disk. */
export interface Fleet {
  manifest: Manifest
  servers: ManifestServer[]
  open(server: string): Promise<Client>
  close(): Promise<void>
}

export type FleetOptions = Pick<ManifestOptions, 'file' | 'server'>

export async function openFleet(options: FleetOptions, { hide }: Pick<Preparing, 'hide'>): Promise<Fleet> {
  const { manifest } = await loadManifests(readPaths(undefined, options))
  hide(manifest.secrets)
  const chosen = findServers(manifest, options.server ?? [])
  const servers = manifest.servers.filter(({ name }) => chosen.length === 0 || chosen.includes(name))
  return { manifest, servers, ...openOnce(manifest) }
}

/** Asks all servers beside each other; a failure is the answer of that server alone. */
export async function askFleet<Answer>(
  { servers, open }: Fleet,
  signal: AbortSignal,
  ask: (client: Client, server: ManifestServer) => Promise<Answer>,
): Promise<{ server: ManifestServer; answer?: Answer; error?: { code: string; message: string } }[]> {
  return mapAtMost(16, servers, async (server) => {
    try {
      return { server, answer: await ask(await open(server.name), server) }
    } catch (error) {
      signal.throwIfAborted()
      const code = isHyperkitError(error) ? error.code : 'unexpected'
      return { server, error: { code, message: error instanceof Error ? error.message : String(error) } }
    }
  })
}
