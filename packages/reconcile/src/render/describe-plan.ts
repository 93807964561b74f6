import type { Plan } from '../documents/plan.ts'
import { bytesToFetch, bytesToUpload, summarizePlan } from '../plan/summarize-plan.ts'

/** One stable, versioned document: the plan itself, with its summary. */
export function describePlan(plan: Plan): object {
  const { format, version, manifest, notPruned } = plan
  const servers = plan.servers.map((server) =>
    server.status === 'unread'
      ? server
      : {
          ...server,
          bytesToUpload: bytesToUpload(server.changes),
          bytesToFetch: bytesToFetch(server.changes),
        },
  )
  return { format, version, manifest, summary: summarizePlan(plan), servers, notPruned }
}
