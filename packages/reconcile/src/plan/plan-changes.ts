import type { Desired, DesiredImage, DesiredServer } from '../desired/desired.ts'
import type { Change, Plan, ServerPlan } from '../documents/plan.ts'
import type { ObservedImage, ObservedServer, ReadServer } from '../observed/observed.ts'
import { readMark, writeMark } from '../ownership/alias-mark.ts'
import { ownerProperty } from '../ownership/owner-property.ts'
import { compareImage, describeNewImage } from './compare-image.ts'
import { aliasesOf, ownerOfAlias } from './find-owner.ts'
import { findProblems, isPossible, possibleAliases } from './find-problems.ts'
import { findLeavingAliases, type IsLeaving } from './leaving-aliases.ts'
import { planCreation } from './plan-creation.ts'
import { planHealing } from './plan-healing.ts'
import { planRemovals } from './plan-removals.ts'

/** The difference between the desired and the observed state. It is a pure function of its arguments. */
export function planChanges(desired: Desired, observed: readonly ObservedServer[]): Plan {
  return {
    format: 'hyperkit-plan',
    version: 1,
    manifest: { file: desired.manifest.file, name: desired.manifest.name },
    servers: desired.servers.map((server) =>
      planServer(
        server,
        observed.find(({ name }) => name === server.name),
        desired.manifest.name,
      ),
    ),
  }
}

function planServer(desired: DesiredServer, observed: ObservedServer | undefined, owner: string): ServerPlan {
  if (observed === undefined)
    return {
      status: 'unread',
      name: desired.name,
      error: { code: 'unread', message: 'the server was not read' },
    }
  if (observed.status === 'unread') return { status: 'unread', name: desired.name, error: observed.error }
  const isLeaving = findLeavingAliases(desired, observed)
  const removals = planRemovals(desired, observed, owner)
  const problems = [...findProblems(desired, observed), ...removals.refused]
  const planned = desired.images.filter((image) => isPossible(image, observed))
  const perImage = planned.map((image) => planImage(image, observed, owner, isLeaving))
  return {
    status: 'planned',
    name: desired.name,
    dialect: observed.dialect,
    serverVersion: observed.version ?? null,
    changes: [...planHealing(desired, observed, owner), ...perImage.flat(), ...removals.changes],
    inSync: perImage.filter((changes) => changes.length === 0).length,
    ...(problems.length === 0 ? {} : { problems }),
  }
}

/** First the content, then its attributes, then one change for each alias, so that no alias ever points at a missing image. */
function planImage(
  desired: DesiredImage,
  observed: ReadServer,
  owner: string,
  isLeaving: IsLeaving,
): Change[] {
  const { fingerprint } = desired
  const of = { image: desired.names[0] ?? fingerprint, fingerprint }
  const image = observed.images.get(fingerprint)
  const isOurs = image === undefined || isOwn(image, observed, owner, isLeaving)
  const changes: Change[] = []
  if (image === undefined) {
    changes.push(...planCreation(desired, of, describeNewImage(desired, owner)))
  } else {
    const fields = compareImage(desired, image, isOurs ? owner : null)
    if (fields.length > 0) changes.push({ action: 'update-image', ...of, etag: image.etag ?? null, fields })
  }
  return [...changes, ...planAliases(desired, of, observed, isOurs ? owner : null, owner)]
}

/** An alias gets the owner's mark when it is created or moved, or if it points at an image of the owner and has no mark. */
function planAliases(
  desired: DesiredImage,
  of: { image: string; fingerprint: string },
  observed: ReadServer,
  imageOwner: string | null,
  owner: string,
): Change[] {
  return possibleAliases(desired, observed).flatMap(({ name, description }): Change[] => {
    const alias = observed.aliases.get(name)
    const target = desired.fingerprint
    if (alias === undefined) {
      const after = { target, description: writeMark(description ?? '', owner) }
      return [{ action: 'create-alias', ...of, alias: name, after }]
    }
    const mark = readMark(alias.description)
    const nextOwner = alias.target === target ? (mark.owner ?? imageOwner) : owner
    const after = { target, description: writeMark(description ?? mark.text, nextOwner) }
    const before = { target: alias.target, description: alias.description }
    if (before.target === after.target && before.description === after.description) return []
    const current = ownerOfAlias(alias, observed)
    const etag = alias.etag ?? null
    const others = current === null || current === owner ? {} : { owner: current }
    return [{ action: 'update-alias', ...of, alias: name, etag, before, after, ...others }]
  })
}

/**
 * Whether the manifest owns an image that it wants. It also owns an image without a mark if no other owner's alias points at it:
 * a run that is killed between an upload and the mark leaves such an image, which must not become an orphan.
 */
function isOwn(image: ObservedImage, observed: ReadServer, owner: string, isLeaving: IsLeaving): boolean {
  const mark = image.properties[ownerProperty]
  if (mark !== undefined && mark !== '') return mark === owner
  const staying = aliasesOf(image, observed).filter(({ name }) => !isLeaving(name, image.fingerprint))
  return image.cached !== true && staying.every(({ description }) => readMark(description).owner === owner)
}
