import type { Plan, PlanDocument } from '../documents/plan.ts'
import { bytesToFetch, bytesToUpload, summarizePlan } from '../plan/summarize-plan.ts'

/** The plan with its summary, as one stable, versioned document. */
export function describePlan(plan: Plan): PlanDocument {
  const { format, version, manifest, notPruned, rollout } = plan
  const servers = plan.servers.map((server) =>
    server.status === 'unread'
      ? server
      : {
          ...server,
          bytesToUpload: bytesToUpload(server.changes),
          bytesToFetch: bytesToFetch(server.changes),
        },
  )
  const summary = summarizePlan(plan)
  return {
    format,
    version,
    manifest,
    summary,
    ...(rollout === undefined ? {} : { rollout }),
    servers,
    ...(notPruned === undefined ? {} : { notPruned }),
  }
}
