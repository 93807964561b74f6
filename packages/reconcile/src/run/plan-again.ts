import { relative, resolve } from 'node:path'
import process from 'node:process'
import type { Remaining } from '../apply/run-state.ts'
import type { Change, Plan } from '../documents/plan.ts'
import type { Seen, SeenContent, SeenFile } from '../documents/saved-plan.ts'
import { isKnown } from '../identity/fingerprint-to-come.ts'
import { type LoadedManifest, loadManifest } from '../manifest/load-manifest.ts'
import type { GuardOptions } from '../plan/guard/guard-plan.ts'
import { canonical, findMoved, type Moved } from '../plan/plan-file/find-moved.ts'
import type { ManifestPlan } from '../plan/plan-file/manifest-plan.ts'
import { recordContents, recordSeen } from '../plan/plan-file/record-seen.ts'
import { StalePlanError } from '../plan/plan-file/stale-plan-error.ts'
import { shorten } from '../render/describe-change.ts'
import { planLoaded } from './prepare-plan.ts'
import type { PreparedPlan, Preparing } from './preparing.ts'
import { readPlanFile } from './read-plan-file.ts'

/** How a plan is made again. */
export interface PlanAgainOptions extends GuardOptions {
  /** Refuse differences from the lock file, even if the plan was made without `frozen`. */
  frozen?: boolean | undefined
  /** The file that the plan comes from. */
  planFile?: string | undefined
  /** Compares only what a run has yet to do on one server. @default the whole plan */
  remaining?: RemainingOn | undefined
}

interface RemainingOn extends Remaining {
  server: string
}

/**
 * Reads a saved plan and its manifest, and plans again.
 *
 * @throws {StalePlanError} with everything that has changed
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
 * Plans again from the current state, and returns the plan if it is the same. A server that can no longer be read is left
 * alone, and the others continue.
 *
 * @throws {StalePlanError} with everything that has changed
 */
export async function planAgain(
  plan: ManifestPlan,
  manifest: LoadedManifest,
  preparing: Preparing,
  { frozen = false, planFile, remaining, ...options }: PlanAgainOptions = {},
): Promise<PreparedPlan> {
  const { targets, only, republish, frozen: wasFrozen = false } = plan.seen
  const choice = { targets, servers: only, frozen: wasFrozen || frozen, republish }
  const prepared = await planLoaded(manifest, choice, preparing, options)
  try {
    const moved =
      remaining === undefined ? comparePlans(plan, prepared) : compareServer(plan, prepared, remaining)
    refuseMoved(planFile, moved)
    return { ...prepared, plan: leaveUnread(plan, prepared.plan) }
  } catch (error) {
    await prepared.close()
    throw error
  }
}

/**
 * Compares the files of a manifest with those that a plan was made from.
 *
 * @throws {StalePlanError} if a file was changed, added or removed
 */
export function checkFiles(plan: ManifestPlan, manifest: LoadedManifest, planFile?: string): void {
  refuseMoved(planFile, compareFiles(plan.seen, manifest.files))
}

/**
 * Refuses a plan if planning again gives other changes.
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
        was: before === undefined ? 'did not exist' : `had the SHA-256 ${before}`,
        is: after === undefined ? 'is missing' : `has ${after}`,
      },
    ]
  })
}

/** Finds sources that have changed, such as a file that was written again, or an alias that points at another image upstream. */
function compareContents(seen: readonly SeenContent[], now: readonly SeenContent[]): Moved[] {
  return seen.flatMap(({ image, server, fingerprint: was }) => {
    const is = now.find((content) => content.image === image && content.server === server)?.fingerprint
    if (is === was) return []
    return [
      {
        server: server ?? null,
        what: `the content of image "${image}"`,
        was: `was ${shorten(was)}`,
        is: is === undefined ? 'is unknown' : `is ${shorten(is)}`,
      },
    ]
  })
}

function comparePlans(was: ManifestPlan, { plan, desired, observed }: PreparedPlan): Moved[] {
  const contents = compareContents(was.seen.contents, recordContents(desired))
  if (contents.length > 0) return contents
  // What the earlier plan depended on: an image that the later one leaves alone is not gone.
  const moved = findMoved(was.seen.servers, recordSeen(desired, observed, was))
  // The plan can differ although nothing recorded has changed: with another version of this program, or other variables.
  if (moved.length > 0) return moved
  const gaps = compareGaps(was, plan)
  return gaps.length > 0 ? gaps : [...compareWork(was, plan), ...compareWaves(was, plan)]
}

/** What keeps all pruning away now, as a member of a cluster that is down, or did so then. Otherwise only the list of changes would differ. */
function compareGaps(was: Plan, is: Plan): Moved[] {
  return is.servers.flatMap((now): Moved[] => {
    const before = was.servers.find(({ name }) => name === now.name)
    if (before?.status !== 'planned' || now.status !== 'planned') return []
    const [then, today] = [before.notPruned, now.notPruned]
    if ((then === undefined) === (today === undefined)) return []
    const describe = (gap: string | undefined): string => (gap === undefined ? 'known' : `unknown (${gap})`)
    return [
      {
        server: now.name,
        what: 'what may be pruned',
        was: `was ${describe(then)}`,
        is: `is ${describe(today)}`,
      },
    ]
  })
}

/** Compares one server. Others, and what comes from them, may have been changed by this run meanwhile. */
function compareServer(
  was: ManifestPlan,
  { plan, desired, observed }: PreparedPlan,
  { server, changes, isBegun, why }: RemainingOn,
): Moved[] {
  // What is pruned late is compared one by one.
  if (why === 'prune') return []
  const [before, now] = [contentsOn(server, was.seen.contents), contentsOn(server, recordContents(desired))]
  const contents = compareContents(
    before.filter(({ fingerprint }) => isKnown(fingerprint)),
    now,
  )
  if (contents.length > 0) return contents
  const seen = was.seen.servers.filter(({ name }) => name === server)
  const moved = isBegun ? [] : findMoved(seen, recordSeen(desired, observed, was))
  if (moved.length > 0) return moved
  const left = changes.map((change) => {
    const made = before.find(({ fingerprint }) => fingerprint === change.fingerprint)
    const known = now.find(({ image }) => image === made?.image)?.fingerprint ?? change.fingerprint
    return canonical(comparable(change)).replaceAll(change.fingerprint, known)
  })
  const found = plan.servers.find(({ name }) => name === server)
  const wanted = found?.status === 'planned' ? found.changes.map((each) => canonical(comparable(each))) : []
  const isSame = wanted.every((each) => left.includes(each)) && (isBegun || wanted.length === left.length)
  return found?.status === 'unread' || isSame ? [] : [{ ...otherWork, server }]
}

function contentsOn(server: string, contents: readonly SeenContent[]): SeenContent[] {
  return contents
    .filter((each) => each.server === undefined || each.server === server)
    .map(({ image, fingerprint }) => ({ image, fingerprint }))
}

const otherWork: Moved = {
  server: null,
  what: 'the list of changes',
  was: 'was the planned one',
  is: 'is a different one',
}

function compareWork(before: Plan, now: Plan): Moved[] {
  const [was, is] = [before, now].map((each) => workOf(each, [before, now]))
  return canonical(was) === canonical(is) ? [] : [otherWork]
}

/** The label of a server can come from a variable. */
function compareWaves(before: Plan, now: Plan): Moved[] {
  const [was, is] = [before, now].map(({ rollout }) =>
    rollout?.waves.map(({ wave, servers }) => [wave, servers]),
  )
  if (canonical(was) === canonical(is)) return []
  return [{ server: null, what: 'the list of waves', was: 'was the planned one', is: 'is a different one' }]
}

/** A server that could not be read at either time gets no changes. */
function leaveUnread(was: Plan, is: Plan): Plan {
  const servers = is.servers.map(
    (now) => was.servers.find(({ name, status }) => name === now.name && status === 'unread') ?? now,
  )
  return { ...is, servers }
}

/** The changes of a plan on servers that both plans could read. */
function workOf(plan: Plan, both: readonly Plan[]): unknown {
  const unread = new Set(
    both.flatMap(({ servers }) => servers.flatMap(({ status, name }) => (status === 'unread' ? [name] : []))),
  )
  const servers = plan.servers.map((server) =>
    server.status === 'unread' || unread.has(server.name)
      ? server.name
      : {
          name: server.name,
          changes: server.changes.map(comparable),
        },
  )
  return { name: plan.manifest.name, servers }
}

/** A change without the paths and sizes of files: only fingerprints count. */
function comparable(change: Change): unknown {
  return {
    ...change,
    ...('files' in change ? { files: null } : {}),
    ...('bytes' in change ? { bytes: null } : {}),
  }
}
