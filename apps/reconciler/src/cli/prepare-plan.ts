import type { Client } from '@hyperkit/core'
import { fingerprintOf } from '@hyperkit/files'
import type { ImageFiles } from '../desired/desired.ts'
import { resolveDesired } from '../desired/resolve-desired.ts'
import { guardPlan, type Refusal } from '../guard/guard-plan.ts'
import { loadManifest } from '../manifest/load-manifest.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { openClient } from '../observed/open-client.ts'
import { readObserved } from '../observed/read-observed.ts'
import type { Plan } from '../plan/plan.ts'
import { planChanges } from '../plan/plan-changes.ts'
import { planPruning } from '../plan/plan-pruning.ts'

export interface Prepared {
  plan: Plan
  /** What forbids to do it. */
  refusals: Refusal[]
  open(server: string): Promise<Client>
  identify(server: string): string
  /** Ends the connections. */
  close(): Promise<void>
}

/** From the file to the plan: the way that `plan` and `apply` share. */
export async function preparePlan(
  path: string,
  signal: AbortSignal,
  { allowEmpty }: { allowEmpty?: boolean | undefined } = {},
): Promise<Prepared> {
  const manifest = await loadManifest(path)
  const desired = await resolveDesired(manifest, { signal, fingerprint })
  const { open, close } = openOnce(manifest)
  try {
    const observed = await readObserved(desired, { signal, open, versions: desired.prune !== undefined })
    const changes = planChanges(desired, observed)
    const plan = planPruning(changes, desired, observed, { now: new Date(), alone: false })
    const identities = new Map(
      observed.map((server) => [server.name, server.status === 'read' ? server.identity : server.name]),
    )
    const identify = (server: string): string => identities.get(server) ?? server
    return { plan, refusals: guardPlan(plan, desired, { allowEmpty }), open, identify, close }
  } catch (error) {
    await close()
    throw error
  }
}

function fingerprint(files: ImageFiles, signal?: AbortSignal): ReturnType<typeof fingerprintOf> {
  return fingerprintOf(files.kind === 'unified' ? files.file : files, { signal })
}

/** One client a server, made when it is first needed. */
function openOnce(manifest: Manifest): Pick<Prepared, 'open' | 'close'> {
  const clients = new Map<string, Promise<Client>>()
  return {
    open(name) {
      const server = manifest.servers.find((candidate) => candidate.name === name)
      if (server === undefined) throw new Error(`no server "${name}" in the manifest`)
      const client = clients.get(name) ?? openClient(server)
      clients.set(name, client)
      return client
    },
    async close() {
      for (const client of await Promise.allSettled(clients.values()))
        if (client.status === 'fulfilled') client.value.close()
    },
  }
}
