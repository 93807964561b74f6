import { relative, resolve, sep } from 'node:path'
import type { ExportedServer } from '../export/exported.ts'
import type { ManifestServer, Reach } from '../manifest/manifest.ts'

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
