import { relative, resolve, sep } from 'node:path'
import { ArgumentError } from '@hyperkit/core'
import type { ExportedServer, Manifest, ManifestServer, Reach } from '@hyperkit/reconcile/parts'
import { checkSelection, loadManifest } from '@hyperkit/reconcile/parts'

export interface ExportedChoice {
  remote?: string[]
  file?: string
  server?: string[]
  project?: string
}

/** The servers to export: remotes of the user's own configuration, or servers of a manifest. */
export async function chooseExported(choice: ExportedChoice): Promise<Pick<Manifest, 'servers' | 'secrets'>> {
  const { remote = [], file, server = [], project } = choice
  if (remote.length > 0 && (file !== undefined || server.length > 0))
    throw new ArgumentError(
      'remote',
      'Cannot export remotes and servers of a manifest at once: give one of --remote and --file',
    )
  if (file !== undefined) {
    const manifest = await loadManifest(file)
    checkSelection(manifest, { targets: [], servers: server })
    const chosen = manifest.servers.filter(({ name }) => server.length === 0 || server.includes(name))
    return {
      ...(manifest.secrets === undefined ? {} : { secrets: manifest.secrets }),
      servers: chosen.map((each) => ({ ...each, project: project ?? each.project })),
    }
  }
  if (remote.length === 0)
    throw new ArgumentError(
      'remote',
      'Cannot export without a server: give --remote NAME, or --file MANIFEST and --server NAME',
    )
  const servers = [...new Set(remote)].map(
    (name): ManifestServer => ({
      ...{ name, project, reach: { kind: 'remote', remote: name }, at: { line: 1, column: 1 } },
    }),
  )
  return { servers }
}

/**
 * How a manifest in a folder names a server. A token is a secret, and does not go into a file that is handed around.
 *
 * @param folder paths are told from here
 */
export function writeServer(
  { reach, project, labels }: ManifestServer,
  folder: string,
): ExportedServer['entry'] {
  return {
    ...writeReach(reach, (path) => relative(folder, resolve(path)).split(sep).join('/')),
    ...(project === undefined ? {} : { project }),
    ...(labels === undefined ? {} : { labels }),
  }
}

function writeReach(reach: Reach, near: (path: string) => string): ExportedServer['entry'] {
  if (reach.kind === 'remote') return { remote: reach.remote }
  if (reach.kind === 'socket') return { socket: reach.socket }
  const { url, token } = reach
  const paths = (['serverCertificate', 'clientCertificate', 'clientKey'] as const).flatMap((key) => {
    const path = reach[key]
    return path === undefined ? [] : [[key, near(path)] as const]
  })
  const file = token?.kind === 'file' ? { tokenFile: near(token.file) } : {}
  return { url, ...Object.fromEntries(paths), ...file }
}
