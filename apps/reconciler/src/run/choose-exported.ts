import { ArgumentError } from '@hyperkit/core'
import { loadManifest, type Manifest } from '@hyperkit/reconcile'
import { checkSelection, describeRemotes } from '@hyperkit/reconcile/parts'

export interface ExportedChoice {
  remote: readonly string[]
  file?: string | undefined
  server: readonly string[]
  project?: string | undefined
}

/** The servers to export: remotes of the user's own configuration, or servers of a manifest. */
export async function chooseExported(choice: ExportedChoice): Promise<Pick<Manifest, 'servers' | 'secrets'>> {
  const { remote, file, server, project } = choice
  if (remote.length > 0 && (file !== undefined || server.length > 0))
    throw new ArgumentError(
      'remote',
      'Cannot export from remotes and a manifest at once; give either --remote or --file',
    )
  if (file !== undefined) {
    const manifest = await loadManifest(file)
    checkSelection(manifest, { targets: [], servers: [...server] })
    const chosen = manifest.servers.filter(({ name }) => server.length === 0 || server.includes(name))
    return {
      ...(manifest.secrets === undefined ? {} : { secrets: manifest.secrets }),
      servers: chosen.map((each) => ({ ...each, project: project ?? each.project })),
    }
  }
  if (remote.length === 0)
    throw new ArgumentError(
      'remote',
      'Cannot export: no server was named; give --remote NAME, or --file MANIFEST and --server NAME',
    )
  return describeRemotes([...remote], project)
}
