import { relative, resolve } from 'node:path'
import process from 'node:process'
import type { Plan } from '../documents/plan.ts'
import type { Seen, SeenContent, SeenFile } from '../documents/saved-plan.ts'
import { type LoadedManifest, loadManifest } from '../manifest/load-manifest.ts'
import type { GuardOptions } from '../plan/guard/guard-plan.ts'
import { canonical, findMoved, type Moved } from '../plan/plan-file/find-moved.ts'
import type { ManifestPlan } from '../plan/plan-file/manifest-plan.ts'
import { recordContents, recordSeen } from '../plan/plan-file/record-seen.ts'
import { StalePlanError } from '../plan/plan-file/stale-plan-error.ts'
import { shorten } from '../render/describe-change.ts'
import { type PreparedPlan, type Preparing, planLoaded } from './prepare-plan.ts'
import { readPlanFile } from './read-plan-file.ts'

interface PlanAgainOptions extends GuardOptions {
  /** Refuse what the lock file says otherwise, even if the plan was made without that. */
  frozen?: boolean | undefined
  /** The file that the plan comes from. */
  planFile?: string | undefined
}

/**
 * Reads a saved plan and its manifest, and makes the plan anew.
 *
 * @throws {StalePlanError} with everything that has moved
 */
export async function prepareSaved(
  path: string,
  preparing: Preparing,
  options: PlanAgainOptions = {},
): Promise<PreparedPlan> {
  const plan = await readPlanFile(path)
  const manifest = await loadManifest(plan.seen.paths)
  checkFiles(plan, manifest, path)
  return planAgain(plan, manifest, preparing, { ...options, planFile: path })
}

/**
 * Makes a plan anew from what is there now, and gives it if it is the same. If a server cannot be read any more, nothing is
 * done there, and the others go on.
 *
 * @throws {StalePlanError} with everything that has moved
 */
export async function planAgain(
  plan: ManifestPlan,
  manifest: LoadedManifest,
  preparing: Preparing,
  { frozen = false, planFile, ...options }: PlanAgainOptions = {},
): Promise<PreparedPlan> {
  const { targets, only, republish, frozen: wasFrozen = false } = plan.seen
  const choice = { targets, servers: only, frozen: wasFrozen || frozen, republish }
  const prepared = await planLoaded(manifest, choice, preparing, options)
  try {
    refuseMoved(planFile, comparePlans(plan, prepared))
    return { ...prepared, plan: leaveUnread(plan, prepared.plan) }
  } catch (error) {
    await prepared.close()
    throw error
  }
}

/**
 * Holds the files of a manifest against those that a plan was made from.
 *
 * @throws {StalePlanError} if a file was changed, added or removed
 */
export function checkFiles(plan: ManifestPlan, manifest: LoadedManifest, planFile?: string): void {
  refuseMoved(planFile, compareFiles(plan.seen, manifest.files))
}

/**
 * Refuses a plan of which another one has come by now.
 *
 * @throws {StalePlanError}
 */
export function refuseOtherWork(was: Plan, is: Plan, planFile?: string): void {
  refuseMoved(planFile, compareWork(was, is))
}

function refuseMoved(planFile: string | undefined, moved: readonly Moved[]): void {
  if (moved.length > 0) throw new StalePlanError(planFile, moved)
}

function compareFiles(seen: Seen, now: readonly SeenFile[]): Moved[] {
  const byPath = (files: readonly SeenFile[]): Map<string, string> =>
    new Map(files.map(({ file, sha256 }) => [relative(process.cwd(), resolve(file)), sha256]))
  const [was, is] = [byPath(seen.files), byPath(now)]
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((file): Moved[] => {
    const [before, after] = [was.get(file)?.slice(0, 12), is.get(file)?.slice(0, 12)]
    if (before === after) return []
    return [
      {
        server: null,
        what: `manifest "${file}"`,
        was: before === undefined ? 'was not there' : `had the SHA-256 ${before}`,
        is: after === undefined ? 'is gone' : `has ${after}`,
      },
    ]
  })
}

/** A file that was written anew, an alias that names another image upstream. */
function compareContents(seen: Seen, now: readonly SeenContent[]): Moved[] {
  return seen.contents.flatMap(({ image, server, fingerprint: was }) => {
    const is = now.find((content) => content.image === image && content.server === server)?.fingerprint
    if (is === was) return []
    return [
      {
        server: server ?? null,
        what: `the content of image "${image}"`,
        was: `was ${shorten(was)}`,
        is: is === undefined ? 'is not known' : `is ${shorten(is)}`,
      },
    ]
  })
}

function comparePlans(was: ManifestPlan, { plan, desired, observed }: PreparedPlan): Moved[] {
  const contents = compareContents(was.seen, recordContents(desired))
  if (contents.length > 0) return contents
  const moved = findMoved(was.seen.servers, recordSeen(desired, observed, plan))
  // Nothing that was noted may have moved, and still another plan comes of it: another version of this program, or variables.
  return moved.length > 0 ? moved : compareWork(was, plan)
}

function compareWork(before: Plan, now: Plan): Moved[] {
  const [was, is] = [before, now].map((each) => workOf(each, [before, now]))
  return canonical(was) === canonical(is)
    ? []
    : [{ server: null, what: 'what there is to do', was: 'was this plan', is: 'is another one' }]
}

/** What could not be read at either time stays without changes. */
function leaveUnread(was: Plan, is: Plan): Plan {
  const servers = is.servers.map(
    (now) => was.servers.find(({ name, status }) => name === now.name && status === 'unread') ?? now,
  )
  return { ...is, servers }
}

/** What a plan does where both could read; where files lie on this machine is no part of that, fingerprints are. */
function workOf(plan: Plan, both: readonly Plan[]): unknown {
  const unread = new Set(
    both.flatMap(({ servers }) => servers.flatMap(({ status, name }) => (status === 'unread' ? [name] : []))),
  )
  const servers = plan.servers.map((server) =>
    server.status === 'unread' || unread.has(server.name)
      ? server.name
      : {
          name: server.name,
          changes: server.changes.map((change) =>
            change.action === 'upload-image' ? { ...change, files: null } : change,
          ),
        },
  )
  return { name: plan.manifest.name, servers }
}
