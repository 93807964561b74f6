import type { Client } from '@hyperkit/core'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import type { Failure } from '../documents/error.ts'
import type { Manifest, ManifestServer } from '../manifest/manifest.ts'
import { findServers } from '../manifest/select-servers.ts'
import { describeFailure } from '../sources/describe-failure.ts'

/** What a server answered, or why it did not answer. */
export interface ServerAnswer<Answer> {
  server: ManifestServer
  answer?: Answer
  error?: Failure
}

/**
 * Chooses servers of a manifest by their names or labels; all of them if nothing is given.
 *
 * @throws {HyperkitError} `invalid-argument` for a name that the manifest does not declare, and labels that no server has
 */
export function chooseServers(manifest: Manifest, names: readonly string[] = []): ManifestServer[] {
  const chosen = findServers(manifest, names)
  return manifest.servers.filter(({ name }) => chosen.length === 0 || chosen.includes(name))
}

/** Asks several servers at the same time; a server that fails does not affect the others. */
export async function askServers<Answer>(
  servers: readonly ManifestServer[],
  open: (server: string) => Promise<Client>,
  signal: AbortSignal,
  ask: (client: Client, server: ManifestServer) => Promise<Answer>,
): Promise<ServerAnswer<Answer>[]> {
  return mapAtMost(16, servers, async (server) => {
    try {
      return { server, answer: await ask(await open(server.name), server) }
    } catch (error) {
      signal.throwIfAborted()
      return { server, error: describeFailure(error) }
    }
  })
}
