import type { Client } from '@hyperkit/core'
import { fingerprintOf } from '@hyperkit/files'
import type { Desired, ImageFiles } from '../desired/desired.ts'
import { resolveDesired } from '../desired/resolve-desired.ts'
import { guardPlan, type Refusal } from '../guard/guard-plan.ts'
import { type LoadedFile, loadManifests } from '../manifest/load-manifest.ts'
import type { Manifest } from '../manifest/manifest.ts'
import { checkSelection, type Selection, selectServers } from '../manifest/select-servers.ts'
import type { ObservedServer } from '../observed/observed.ts'
import { openClient } from '../observed/open-client.ts'
import { readObserved } from '../observed/read-observed.ts'
import type { Plan } from '../plan/plan.ts'
import { planChanges } from '../plan/plan-changes.ts'
import { narrowDesired, restrictPlan } from '../plan/restrict-plan.ts'

/** What a plan is made from. */
export interface PlanInput extends Selection {
  /** Of files and folders that make up the manifest. */
  paths: readonly string[]
}

export interface Prepared {
  plan: Plan
  /** What forbids to do it. */
  refusals: Refusal[]
  desired: Desired
  observed: ObservedServer[]
  files: LoadedFile[]
  manifest: Manifest
  open(server: string): Promise<Client>
  identify(server: string): string
  /** Ends the connections. */
  close(): Promise<void>
}

/** What the way to a plan needs of the command. */
export interface Preparing {
  signal: AbortSignal
  /** Told of a manifest's secrets before anything can fail with them in its sentence. */
  hide(secrets: Manifest['secrets']): void
}

/** From the files to the plan: the way that `plan` and `apply` share. */
export async function preparePlan(input: PlanInput, preparing: Preparing): Promise<Prepared> {
  return planLoaded(await loadManifests(input.paths), input, preparing)
}

/** @param loaded what `input.paths` held */
export async function planLoaded(
  { manifest, files }: Awaited<ReturnType<typeof loadManifests>>,
  { targets, servers }: Selection,
  { signal, hide }: Preparing,
): Promise<Prepared> {
  hide(manifest.secrets)
  checkSelection(manifest, { targets, servers })
  const selected = selectServers(manifest, servers)
  const resolved = await resolveDesired(selected, { signal, fingerprint })
  const desired = narrowDesired(
    servers.length === 0
      ? resolved
      : { ...resolved, servers: resolved.servers.filter(({ name }) => servers.includes(name)) },
    targets,
  )
  const { open, close } = openOnce(manifest)
  try {
    const observed = await readObserved(desired, { signal, open })
    const plan = restrictPlan(planChanges(desired, observed), desired, targets)
    const identities = new Map(
      observed.map((server) => [server.name, server.status === 'read' ? server.identity : server.name]),
    )
    const identify = (server: string): string => identities.get(server) ?? server
    const refusals = guardPlan(plan, desired)
    return { plan, refusals, desired, observed, files, manifest, open, identify, close }
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
