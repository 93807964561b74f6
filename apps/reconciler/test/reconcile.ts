import type { Client } from '@hyperkit/core'
import { fingerprintOf } from '@hyperkit/files'
import { loadManifest, type ServerReport } from '@hyperkit/reconcile'
import {
  type CarryOutPlanOptions,
  carryOutPlan,
  guardPlan,
  planChanges,
  planPruning,
  readObserved,
  resolveDesired,
} from '@hyperkit/reconcile/parts'

/** Applies a manifest of one server in this process, as `apply --yes` does. The server is not locked, unless `lock` says so. */
export async function reconcile(
  manifest: string,
  client: Client,
  more: Pick<CarryOutPlanOptions, 'audit' | 'lock' | 'notes' | 'planAgain'> = {},
): Promise<ServerReport> {
  const open = async (): Promise<Client> => client
  const desired = await resolveDesired(await loadManifest(manifest), {
    fingerprint: (files) => fingerprintOf(files.kind === 'unified' ? files.file : files),
    open,
  })
  const observed = await readObserved(desired, { open, versions: true })
  const changes = planChanges(desired, observed)
  const plan = planPruning(changes, desired, observed, { now: new Date(), alone: false })
  const [refusal] = guardPlan(plan, desired)
  if (refusal !== undefined) throw new Error(refusal.message)
  const { signal } = new AbortController()
  const options = { signal, open, identify: (name: string) => name, desired, ...more }
  const { servers } = await carryOutPlan(plan, options)
  const [report] = servers
  if (report === undefined) throw new Error('the manifest names no server')
  return report
}
