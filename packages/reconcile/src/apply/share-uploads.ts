import { type SharedImage, shareImage } from '@hyperkit/files'
import type { UploadImage } from '../documents/plan.ts'
import { fingerprintFolder } from '../sources/download-folder.ts'
import { pathsOf } from './paths-of.ts'
import type { Roster } from './roster.ts'

/** Files that a run sends to several servers. */
export interface SharedUploads {
  /** Undefined for a file that only one server needs: it is read while it is sent. */
  find(change: UploadImage): SharedImage | undefined
}

/**
 * Files are hashed once, and read once for all servers that need them at the same time. A server whose plan is still to come may need them
 * too.
 */
export function shareUploads(roster: Roster, signal: AbortSignal): SharedUploads {
  const shared = new Map<string, SharedImage>()
  const countOf = (key: string): number =>
    roster.names.filter((name) => roster.isComing(name)).length +
    roster
      .plans()
      .flatMap((server) => (server.status === 'planned' ? server.changes : []))
      .filter((change) => change.action === 'upload-image' && keyOf(change) === key).length
  return {
    find(change) {
      const key = keyOf(change)
      const known = shared.get(key)
      if (known !== undefined) return known
      const servers = countOf(key)
      if (servers < 2) return undefined
      const options = { sha256: change.fingerprint, servers, signal, cache: fingerprintFolder() }
      const image = shareImage(pathsOf(change.files), options)
      shared.set(key, image)
      return image
    },
  }
}

function keyOf({ files, fingerprint }: UploadImage): string {
  return JSON.stringify([files, fingerprint])
}
