import type { Change, ImageProblem, Plan, PlanSummary } from '../documents/plan.ts'

/**
 * Counts the changes of a plan, over all servers.
 *
 * @example
 * ```ts
 * const plan = await planManifest(await loadManifest('images.yaml'))
 * const { imagesToUpload, bytesToUpload } = summarizePlan(plan)
 * console.log(`${imagesToUpload} images, ${bytesToUpload} bytes`)
 * ```
 */
export function summarizePlan(plan: Plan): PlanSummary {
  const changes = changesOf(plan)
  const count = (matches: (change: Change) => boolean): number => changes.filter(matches).length
  return {
    imagesToUpload: count(({ action }) => action === 'upload-image'),
    bytesToUpload: bytesToUpload(changes),
    imagesToDownload: count(({ action }) => action === 'download-image'),
    imagesToCopy: count(({ action }) => action === 'copy-image'),
    bytesToFetch: bytesToFetch(changes),
    imagesToPublish: count(({ action }) => action === 'publish-image'),
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
    imagesUnresolved: problemsOf(plan).length,
    serversUnread: plan.servers.filter(({ status }) => status === 'unread').length,
  }
}

/**
 * The changes of all servers; none if there is nothing to do, or if no server could be read.
 *
 * @example
 * ```ts
 * const plan = await planManifest(await loadManifest('images.yaml'))
 * if (changesOf(plan).length === 0) console.log('nothing to do')
 * ```
 */
export function changesOf(plan: Plan): Change[] {
  return plan.servers.flatMap((server) => (server.status === 'planned' ? server.changes : []))
}

/** The images of all servers that could not be planned. */
export function problemsOf(plan: Plan): (ImageProblem & { server: string })[] {
  return plan.servers.flatMap((server) =>
    server.status === 'planned'
      ? (server.problems ?? []).map((problem) => ({ server: server.name, ...problem }))
      : [],
  )
}

/** The images of all servers that do not fit there. */
export function lackingIn(plan: Plan): (ImageProblem & { server: string })[] {
  return plan.servers.flatMap((server) =>
    server.status === 'planned'
      ? (server.space?.lacking ?? []).map((lack) => ({ server: server.name, ...lack }))
      : [],
  )
}

/** Whether an alias moves to another image. */
export function isMove(change: Extract<Change, { action: 'update-alias' }>): boolean {
  return change.before.target !== change.after.target
}

/** The bytes that this machine sends to a server. */
export function bytesToUpload(changes: readonly Change[]): number {
  return changes.reduce((sum, change) => sum + (change.action === 'upload-image' ? change.bytes : 0), 0)
}

/** The bytes that a server gets from elsewhere than this machine's disk, as far as they are known. */
export function bytesToFetch(changes: readonly Change[]): number {
  return changes.reduce(
    (sum, change) =>
      sum + (change.action === 'download-image' || change.action === 'copy-image' ? (change.bytes ?? 0) : 0),
    0,
  )
}
