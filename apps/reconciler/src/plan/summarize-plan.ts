import type { Change, Plan } from './plan.ts'

/** How much a plan does, over all servers. */
export interface PlanSummary {
  imagesToUpload: number
  bytesToUpload: number
  imagesToUpdate: number
  imagesToDelete: number
  aliasesToCreate: number
  /** They get another image. */
  aliasesToMove: number
  /** They get another description only. */
  aliasesToDescribe: number
  /** Those that go with a deleted image included. */
  aliasesToRemove: number
  serversUnread: number
}

export function summarizePlan(plan: Plan): PlanSummary {
  const changes = changesOf(plan)
  const count = (matches: (change: Change) => boolean): number => changes.filter(matches).length
  return {
    imagesToUpload: count(({ action }) => action === 'upload-image'),
    bytesToUpload: bytesToUpload(changes),
    imagesToUpdate: count(({ action }) => action === 'update-image'),
    imagesToDelete: count(({ action }) => action === 'delete-image'),
    aliasesToCreate: count(({ action }) => action === 'create-alias'),
    aliasesToMove: count((change) => change.action === 'update-alias' && isMove(change)),
    aliasesToDescribe: count((change) => change.action === 'update-alias' && !isMove(change)),
    aliasesToRemove: changes.reduce(
      (sum, change) =>
        sum +
        (change.action === 'remove-alias' ? 1 : change.action === 'delete-image' ? change.aliases.length : 0),
      0,
    ),
    serversUnread: plan.servers.filter(({ status }) => status === 'unread').length,
  }
}

/** The changes of all servers. */
export function changesOf(plan: Plan): Change[] {
  return plan.servers.flatMap((server) => (server.status === 'planned' ? server.changes : []))
}

/** Whether an alias gets another image. */
export function isMove(change: Extract<Change, { action: 'update-alias' }>): boolean {
  return change.before.target !== change.after.target
}

/** What goes over the wire to a server. */
export function bytesToUpload(changes: readonly Change[]): number {
  return changes.reduce((sum, change) => sum + (change.action === 'upload-image' ? change.bytes : 0), 0)
}
