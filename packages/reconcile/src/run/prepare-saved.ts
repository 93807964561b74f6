import { dirname, join, relative, resolve } from 'node:path'
import process from 'node:process'
import { loadManifests } from '../manifest/load-manifest.ts'
import type { GuardOptions } from '../plan/guard/guard-plan.ts'
import type { Plan } from '../plan/plan.ts'
import { canonical, findMoved, type Moved } from '../plan/plan-file/find-moved.ts'
import { noteContents, noteSeen } from '../plan/plan-file/note-seen.ts'
import { readSavedPlan } from '../plan/plan-file/read-saved-plan.ts'
import type { SavedPlan, Seen, SeenContent, SeenFile } from '../plan/plan-file/saved-plan.ts'
import { sealPlan } from '../plan/plan-file/seal-plan.ts'
import { StalePlanError } from '../plan/plan-file/stale-plan-error.ts'
import { shorten } from '../render/describe-change.ts'
import { type PlanInput, type PreparedPlan, type Preparing, planLoaded } from './prepare-plan.ts'

/** The document that `plan --out` writes. */
export function describeSaved(prepared: PreparedPlan, input: PlanInput, path: string): SavedPlan {
  const folder = dirname(resolve(path))
  const near = (file: string): string => relative(folder, resolve(file)) || '.'
  return sealPlan(prepared.plan, {
    paths: input.paths.map(near),
    files: prepared.files.map(({ file, sha256 }) => ({ file: near(file), sha256 })),
    targets: [...input.targets],
    ...(input.republish === undefined || input.republish.length === 0
      ? {}
      : { republish: [...input.republish] }),
    only: [...input.servers],
    ...(input.frozen ? { frozen: true as const } : {}),
    contents: noteContents(prepared.desired),
    servers: noteSeen(prepared.desired, prepared.observed, prepared.plan),
  })
}

/**
 * Makes a saved plan anew from what is there now, and gives it if it is the same. Where a server cannot be read any more,
 * nothing is done there, and the others go on.
 *
 * @throws {StalePlanError} with everything that has moved
 */
export async function prepareSaved(
  path: string,
  preparing: Preparing,
  { frozen = false, ...options }: GuardOptions & { frozen?: boolean | undefined } = {},
): Promise<PreparedPlan> {
  const saved = await readSavedPlan(path)
  const folder = dirname(resolve(path))
  const fromHere = (file: string): string => relative(process.cwd(), join(folder, file)) || '.'
  const { paths, targets, only } = saved.seen
  const loaded = await loadManifests(paths.map(fromHere))
  refuseMoved(path, compareFiles(saved.seen, loaded.files, fromHere))
  const prepared = await planLoaded(
    loaded,
    {
      paths: paths.map(fromHere),
      targets,
      servers: only,
      frozen: saved.seen.frozen || frozen,
      republish: saved.seen.republish,
    },
    preparing,
    options,
  )
  try {
    refuseMoved(path, comparePlans(saved, prepared))
    return { ...prepared, plan: leaveUnread(saved.plan, prepared.plan) }
  } catch (error) {
    await prepared.close()
    throw error
  }
}

function refuseMoved(path: string, moved: readonly Moved[]): void {
  if (moved.length > 0) throw new StalePlanError(path, moved)
}

function compareFiles(seen: Seen, now: readonly SeenFile[], fromHere: (file: string) => string): Moved[] {
  const was = new Map(seen.files.map(({ file, sha256 }) => [fromHere(file), sha256]))
  const is = new Map(now.map(({ file, sha256 }) => [relative(process.cwd(), resolve(file)), sha256]))
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((file): Moved[] => {
    const [before, after] = [was.get(file)?.slice(0, 12), is.get(file)?.slice(0, 12)]
    if (before === after) return []
    return [
      {
        ...{ server: null, what: `manifest "${file}"` },
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
        ...{ server: server ?? null, what: `the content of image "${image}"` },
        ...{ was: `was ${shorten(was)}`, is: is === undefined ? 'is not known' : `is ${shorten(is)}` },
      },
    ]
  })
}

function comparePlans(saved: SavedPlan, { plan, desired, observed }: PreparedPlan): Moved[] {
  const contents = compareContents(saved.seen, noteContents(desired))
  if (contents.length > 0) return contents
  const moved = findMoved(saved.seen.servers, noteSeen(desired, observed, plan))
  if (moved.length > 0) return moved
  // Nothing that was noted has moved, and still another plan comes of it: another version of this program, or variables.
  const [was, is] = [saved.plan, plan].map((each) => workOf(each, [saved.plan, plan]))
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
