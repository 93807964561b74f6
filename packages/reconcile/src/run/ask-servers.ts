import type { Client } from '@hyperkit/core'
import { createSlowReport } from '@hyperkit/terminal'
import { renderSlow } from '@hyperkit/terminal/text'
import { expectListeners } from '../concurrency/expect-listeners.ts'
import { mapAtMost } from '../concurrency/map-at-most.ts'
import { serversAtOnce } from '../concurrency/servers-at-once.ts'
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

/** Options of {@link askServers}. */
export interface AskServersOptions {
  /** Connects to the server of this name. */
  open(server: string): Promise<Client>
  signal: AbortSignal
  /** How many servers are asked at once. @default 16 */
  parallelism?: number | undefined
  /** Called with a sentence about servers that have not answered after some seconds. */
  note?: ((sentence: string) => Promise<void>) | undefined
}

/** Asks several servers at the same time; a server that fails does not affect the others. */
export async function askServers<Answer>(
  servers: readonly ManifestServer[],
  { open, signal, parallelism = serversAtOnce, note }: AskServersOptions,
  ask: (client: Client, server: ManifestServer) => Promise<Answer>,
): Promise<ServerAnswer<Answer>[]> {
  expectListeners(signal)
  const slow = createSlowReport((names) => void note?.(renderSlow(names)))
  return mapAtMost(parallelism, servers, async (server) => {
    const asking = open(server.name).then((client) => ask(client, server))
    try {
      return { server, answer: await slow.during(server.name, asking) }
    } catch (error) {
      signal.throwIfAborted()
      return { server, error: describeFailure(error) }
    }
  })
}
