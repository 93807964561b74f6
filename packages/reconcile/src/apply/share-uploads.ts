import { type SharedImage, shareImage } from '@hyperkit/files'
import type { Plan, UploadImage } from '../documents/plan.ts'
import { changesOf } from '../plan/summarize-plan.ts'
import { fingerprintFolder } from '../sources/download-folder.ts'
import { pathsOf } from './paths-of.ts'

/** Files that a run sends to several servers. */
export interface SharedUploads {
  /** Undefined for a file that only one server needs: it is read while it is sent. */
  find(change: UploadImage): SharedImage | undefined
}

/** Files are hashed once, and read once for all servers that need them at the same time. */
export function shareUploads(plan: Plan, signal: AbortSignal): SharedUploads {
  const counts = new Map<string, number>()
  for (const change of changesOf(plan))
    if (change.action === 'upload-image') counts.set(keyOf(change), (counts.get(keyOf(change)) ?? 0) + 1)
  const shared = new Map<string, SharedImage>()
  return {
    find(change) {
      const key = keyOf(change)
      const servers = counts.get(key) ?? 0
      if (servers < 2) return undefined
      const options = { sha256: change.fingerprint, servers, signal, cache: fingerprintFolder() }
      const image = shared.get(key) ?? shareImage(pathsOf(change.files), options)
      shared.set(key, image)
      return image
    },
  }
}

function keyOf({ files, fingerprint }: UploadImage): string {
  return JSON.stringify([files, fingerprint])
}
