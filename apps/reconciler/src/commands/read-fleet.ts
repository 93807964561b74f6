import { loadManifest, type Manifest, type ManifestServer } from '@hyperkit/reconcile'
import { type Connections, chooseServers, openOnce, type Preparing } from '@hyperkit/reconcile/parts'
import { type ManifestOptions, readPaths } from './manifest-options.ts'

/** The servers of a manifest, without a look at its images' sources: what is to be undone may be gone from the disk. */
export interface Fleet extends Connections {
  manifest: Manifest
  servers: ManifestServer[]
}

export type FleetOptions = Pick<ManifestOptions, 'file' | 'server'>

export async function openFleet(options: FleetOptions, { hide }: Pick<Preparing, 'hide'>): Promise<Fleet> {
  const manifest = await loadManifest(readPaths(undefined, options))
  hide(manifest.secrets)
  const servers = chooseServers(manifest, options.server)
  return { manifest, servers, ...openOnce(manifest) }
}
