import type { InspectedFile } from '../disk/inspect-file.ts'
import { readStateCache, writeStateCache } from '../disk/state-cache.ts'

/** The hash of files that an earlier process has hashed, if they are unchanged since then. */
export async function readHashCache(
  directory: string,
  files: readonly InspectedFile[],
  isKept = true,
): Promise<string | undefined> {
  const fingerprint = await readStateCache({ directory, kind: 'fingerprint' }, files, isKept)
  return fingerprint !== undefined && /^[0-9a-f]{64}$/.test(fingerprint) ? fingerprint : undefined
}

/** Keeps the hash of files for later processes. */
export async function writeHashCache(
  directory: string,
  files: readonly InspectedFile[],
  fingerprint: string,
  begun: number,
): Promise<void> {
  await writeStateCache({ directory, kind: 'fingerprint' }, files, fingerprint, begun)
}
