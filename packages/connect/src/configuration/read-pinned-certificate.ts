import { readText } from '../disk/read-text.ts'
import type { ClientConfiguration, UsableRemote } from './remote.ts'

/** The certificate that a client has pinned for a remote, in the folder of the user or of all users; undefined if there is none. */
export function readPinnedCertificate(
  { name, origin }: UsableRemote,
  { folder, globalFolder }: ClientConfiguration,
): Promise<string | undefined> {
  return readText(`${origin === 'global' ? globalFolder : folder}/servercerts/${name}.crt`)
}
