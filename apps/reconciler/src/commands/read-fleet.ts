import { loadManifest, type Manifest, type ManifestServer } from '@hyperkit/reconcile'
import { type Connections, chooseServers, openOnce } from '@hyperkit/reconcile/parts'
import type { CommandContext } from './command-context.ts'
import { type ManifestOptions, readPaths } from './manifest-options.ts'

/** The servers of a manifest, without a look at its images' sources: what is to be undone may be gone from the disk. */
export interface Fleet extends Connections {
  manifest: Manifest
  servers: ManifestServer[]
}

export type FleetOptions = Pick<ManifestOptions, 'file' | 'server'>

export async function openFleet(
  options: FleetOptions,
  { console, wrapTransport }: Pick<CommandContext, 'console' | 'wrapTransport'>,
): Promise<Fleet> {
  const manifest = await loadManifest(readPaths(undefined, options))
  console.hide(manifest.secrets)
  const servers = chooseServers(manifest, options.server)
  return { manifest, servers, ...openOnce(manifest, { wrapTransport }) }
}
