import type { Client } from '@hyperkit/core'
import { fingerprintOf } from '@hyperkit/files'
import type { Desired, ImageFiles } from '../desired/desired.ts'
import { resolveDesired } from '../desired/resolve-desired.ts'
import { guardPlan, type Refusal } from '../guard/guard-plan.ts'
import { loadManifest } from '../manifest/load-manifest.ts'
import type { Manifest } from '../manifest/manifest.ts'
import type { ObservedServer } from '../observed/observed.ts'
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

/** What the manifest wants, what there is, and the changes between, before anything is pruned. */
export interface ObservedManifest extends Omit<Prepared, 'refusals'> {
  desired: Desired
  observed: ObservedServer[]
}

/** From the file to the plan: the way that `plan` and `apply` share. */
export async function preparePlan(
  path: string,
  signal: AbortSignal,
  { allowEmpty }: { allowEmpty?: boolean | undefined } = {},
): Promise<Prepared> {
  const { desired, observed, plan: changes, ...connections } = await observeManifest(path, signal)
  const plan = planPruning(changes, desired, observed, { now: new Date(), alone: false })
  return { ...connections, plan, refusals: guardPlan(plan, desired, { allowEmpty }) }
}

/** The part of the way that other commands share, too. */
export async function observeManifest(path: string, signal: AbortSignal): Promise<ObservedManifest> {
  const manifest = await loadManifest(path)
  const desired = await resolveDesired(manifest, { signal, fingerprint })
  const { open, close } = openOnce(manifest)
  try {
    const observed = await readObserved(desired, { signal, open, versions: desired.prune !== undefined })
    const identities = new Map(
      observed.map((server) => [server.name, server.status === 'read' ? server.identity : server.name]),
    )
    const identify = (server: string): string => identities.get(server) ?? server
    return { desired, observed, plan: planChanges(desired, observed), open, identify, close }
  } catch (error) {
    await close()
    throw error
  }
}

function fingerprint(files: ImageFiles, signal?: AbortSignal): ReturnType<typeof fingerprintOf> {
  return fingerprintOf(files.kind === 'unified' ? files.file : files, { signal })
}

/** One client a server, made when it is first needed. */
export function openOnce(manifest: Manifest): Pick<Prepared, 'open' | 'close'> {
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
