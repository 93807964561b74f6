import type { InspectedFile } from '../disk/inspect-file.ts'

const hashes = new Map<string, string>()

// A plan for many servers names few files; what was asked first goes first.
const most = 1000

// Two writes within one tick of the file system's clock look like one. What was written that lately is hashed each time.
const settledAfter = 2_000

/**
 * The hash of files that this process has hashed before, where nobody has touched them since: size, times of change and
 * place are the same. A plan and the uploads to many servers that follow it so hash a file once. Whoever sends bytes by
 * it still has the server compare them.
 */
export function recallHash(files: readonly InspectedFile[]): string | undefined {
  return hashes.get(keyOf(files))
}

/** @param before as they were when they began to be read */
export function rememberHash(before: readonly InspectedFile[], hash: string): void {
  if (before.some(({ changedAt }) => Date.now() - changedAt < settledAfter)) return
  const [oldest] = hashes.keys()
  if (hashes.size >= most && oldest !== undefined) hashes.delete(oldest)
  hashes.set(keyOf(before), hash)
}

function keyOf(files: readonly InspectedFile[]): string {
  return files.map(({ state, changedAt }) => `${state}:${changedAt}`).join(' ')
}
