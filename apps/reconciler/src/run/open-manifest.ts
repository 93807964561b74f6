import { loadManifest, type Manifest, type ManifestServer } from '@hyperkit/reconcile'
import { type Connections, chooseServers, openOnce } from '@hyperkit/reconcile/parts'
import type { ScriptTools } from '@hyperkit/script'
import { type NamedManifest, readPaths } from '../arguments/read-input.ts'
import { hideSecretsOf, openingOf } from './preparing.ts'

/** The servers of a manifest, without reading its sources: files of an image to undo may be gone. */
export interface OpenManifest extends Connections {
  manifest: Manifest
  servers: ManifestServer[]
}

export async function openManifest(
  args: NamedManifest & { server: readonly string[] },
  tools: Pick<ScriptTools, 'console' | 'wrapTransport' | 'maxDocument' | 'dryRun'>,
): Promise<OpenManifest> {
  const manifest = await loadManifest(readPaths(args))
  hideSecretsOf(manifest, tools)
  const servers = chooseServers(manifest, args.server)
  return { manifest, servers, ...openOnce(manifest, openingOf(tools)) }
}
