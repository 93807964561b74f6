import type { Client } from '@hyperkit/core'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import type { Failure } from '../documents/error.ts'
import type { Manifest, ManifestServer } from '../manifest/manifest.ts'
import { findServers } from '../manifest/select-servers.ts'
import { describeFailure } from '../sources/describe-failure.ts'

/** What one server answered, or why it did not. */
export interface ServerAnswer<Answer> {
  server: ManifestServer
  answer?: Answer
  error?: Failure
}

/**
 * The servers of a manifest that are named, or have the labels that are; all of them if nothing is named.
 *
 * @throws {HyperkitError} `invalid-argument` for a name that the manifest does not have
 */
export function chooseServers(manifest: Manifest, names: readonly string[] = []): ManifestServer[] {
  const chosen = findServers(manifest, names)
  return manifest.servers.filter(({ name }) => chosen.length === 0 || chosen.includes(name))
}

/** Asks servers beside each other; a failure is the answer of that server alone. */
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
