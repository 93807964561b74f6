import { ArgumentError, type Client, isHyperkitError } from '@hyperkit/core'
import { nearestName } from '@hyperkit/terminal/text'
import { loadManifest } from '../manifest/load-manifest.ts'
import type { Manifest, ManifestServer } from '../manifest/manifest.ts'
import { mapAtMost } from '../observed/map-at-most.ts'
import { openOnce } from './prepare-plan.ts'

/** The servers of a manifest, without a look at its images' sources: what is to be undone may be gone from the disk. */
export interface Fleet {
  manifest: Manifest
  servers: ManifestServer[]
  open(server: string): Promise<Client>
  close(): Promise<void>
}

export async function openFleet(path: string, server: string | undefined): Promise<Fleet> {
  const manifest = await loadManifest(path)
  return { manifest, servers: chooseServers(manifest, server), ...openOnce(manifest) }
}

/** Asks all servers beside each other; a failure is the answer of that server alone. */
export async function askFleet<Answer>(
  { servers, open }: Fleet,
  signal: AbortSignal,
  ask: (client: Client, server: ManifestServer) => Promise<Answer>,
): Promise<{ server: ManifestServer; answer?: Answer; error?: { code: string; message: string } }[]> {
  return mapAtMost(16, servers, async (server) => {
    try {
      return { server, answer: await ask(await open(server.name), server) }
    } catch (error) {
      signal.throwIfAborted()
      const code = isHyperkitError(error) ? error.code : 'unexpected'
      return { server, error: { code, message: error instanceof Error ? error.message : String(error) } }
    }
  })
}

function chooseServers({ file, servers }: Manifest, given: string | undefined): ManifestServer[] {
  if (given === undefined) return servers
  const chosen = servers.filter(({ name }) => name === given)
  if (chosen.length > 0) return chosen
  const names = servers.map(({ name }) => name)
  const nearest = nearestName(given, names)
  const hint = nearest === undefined ? `known are ${names.join(', ')}` : `did you mean "${nearest}"?`
  throw new ArgumentError('server', `Cannot use server "${given}": "${file}" does not name it; ${hint}`)
}
