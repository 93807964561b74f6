import type { InspectedFile } from '../disk/inspect-file.ts'
import { areSettled, stateOfAll } from '../disk/state-cache.ts'

// Shared by the whole process on purpose: a plan hashes a file, and the uploads that follow, each with a client of its own, need the
// hash again. An entry says something about a state of a file only, so callers cannot affect each other.
const hashes = new Map<string, string>()

// A plan for many servers names few files. The oldest entry is dropped first.
const most = 1000

/**
 * The hash of files that this process has hashed before, if they are unchanged since then: device, inode, size and times of change
 * are the same. So a plan and the uploads to many servers hash a file once. The server still compares the bytes that are sent with
 * the hash.
 */
export function recallHash(files: readonly InspectedFile[]): string | undefined {
  return hashes.get(stateOfAll(files))
}

/** @param before the files as they were before they were read */
export function rememberHash(before: readonly InspectedFile[], hash: string): void {
  if (!areSettled(before, Date.now())) return
  const [oldest] = hashes.keys()
  if (hashes.size >= most && oldest !== undefined) hashes.delete(oldest)
  hashes.set(stateOfAll(before), hash)
}
