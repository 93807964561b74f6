import { relative, resolve, sep } from 'node:path'
import type { ExportedServer } from '../export/exported.ts'
import type { ManifestServer, Reach } from '../manifest/manifest.ts'

/**
 * Writes the entry of a server for a manifest in a folder. Tokens are left out, since such a file may be shared.
 *
 * @param folder paths are relative to this folder
 */
export function writeServer(
  { reach, project, answerTimeout, imagesAtOnce, labels }: ManifestServer,
  folder: string,
): ExportedServer['entry'] {
  return {
    ...writeReach(reach, (path) => relative(folder, resolve(path)).split(sep).join('/')),
    ...(project === undefined ? {} : { project }),
    ...(answerTimeout === undefined ? {} : { answerTimeout: answerTimeout / 1000 }),
    ...(imagesAtOnce === undefined ? {} : { imagesAtOnce }),
    ...(labels === undefined ? {} : { labels }),
  }
}

function writeReach(reach: Reach, toRelative: (path: string) => string): ExportedServer['entry'] {
  if (reach.kind === 'remote') return { remote: reach.remote }
  if (reach.kind === 'socket') return { socket: reach.socket }
  const { url, token } = reach
  const paths = (['serverCertificate', 'clientCertificate', 'clientKey'] as const).flatMap((key) => {
    const path = reach[key]
    return path === undefined ? [] : [[key, toRelative(path)] as const]
  })
  const file = token?.kind === 'file' ? { tokenFile: toRelative(token.file) } : {}
  return { url, ...Object.fromEntries(paths), ...file }
}
