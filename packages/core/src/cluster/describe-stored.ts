import type { Cluster } from '../model/cluster.ts'
import { mentions, nameMembers } from './name-members.ts'

export interface StoredImage {
  fingerprint: string
  /** Why the server failed, in its own words. */
  words: string
  signal?: AbortSignal | undefined
  read(): Promise<Cluster>
}

/** The warning about a creation that a server reports as failed although its image is complete, with the members that took no copy (T77). */
export async function describeStored(
  failure: string,
  { fingerprint, words, signal, read }: StoredImage,
): Promise<string> {
  const cluster = await read().catch(() => undefined)
  signal?.throwIfAborted()
  const without = cluster?.kind === 'cluster' ? cluster.members.filter((one) => mentions(words, one)) : []
  const where = without.length === 0 ? '' : `, without a copy on ${nameMembers(without)}`
  return `${failure}; image ${fingerprint} is complete on the server nevertheless${where}`
}
