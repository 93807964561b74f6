import type { Plan } from '../plan/plan.ts'
import { bytesToUpload, summarizePlan } from '../plan/summarize-plan.ts'

/** One stable, versioned document: the plan itself, with its summary. */
export function renderPlanJson(plan: Plan): string {
  const { format, version, manifest } = plan
  const servers = plan.servers.map((server) =>
    server.status === 'unread' ? server : { ...server, bytesToUpload: bytesToUpload(server.changes) },
  )
  return `${JSON.stringify({ format, version, manifest, summary: summarizePlan(plan), servers }, null, 2)}\n`
}
