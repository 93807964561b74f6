import type { DesiredServer } from '../desired/desired.ts'
import type { Change, ImageProblem } from '../documents/plan.ts'
import type { ObservedAlias, ObservedImage, ReadServer } from '../observed/observed.ts'
import { readMark } from '../ownership/alias-mark.ts'
import { describeHidden } from './describe-hidden.ts'
import { ownerOfImage } from './find-owner.ts'
import { findLeavingAliases } from './leaving-aliases.ts'

/**
 * Removes the names that the manifest wants absent. An image is deleted with its aliases in one step if this manifest created
 * it, nothing else names it and nothing uses it; otherwise only the alias is removed and the image stays. If the image could
 * be deleted but the server does not show whether it is in use, the name is refused.
 */
export function planRemovals(
  desired: DesiredServer,
  observed: ReadServer,
  owner: string,
): { changes: Change[]; refused: ImageProblem[] } {
  const removed = desired.absent.flatMap(({ name, aliases }) =>
    aliases.flatMap((alias) => {
      const found = observed.aliases.get(alias)
      return found === undefined ? [] : [{ image: name, alias: found }]
    }),
  )
  const ownerOf = (image: ObservedImage): string | null => ownerOfImage(image, observed)
  const names = new Set(removed.map(({ alias }) => alias.name))
  const isLeaving = findLeavingAliases(desired, observed)
  const mayGo = (image: ObservedImage | undefined): image is ObservedImage =>
    image !== undefined &&
    ownerOf(image) === owner &&
    !desired.images.some(({ fingerprint }) => fingerprint === image.fingerprint) &&
    image.aliases.every((alias) => names.has(alias) || isLeaving(alias, image.fingerprint))
  const deleted = new Set<string>()
  const refused = new Map<string, ImageProblem>()
  const aliasChanges: Change[] = []
  const imageChanges: Change[] = []
  for (const { image: name, alias } of removed) {
    const image = observed.images.get(alias.target)
    const isHidden = mayGo(image) && image.inUse === undefined && observed.usageHidden !== undefined
    if (isHidden) {
      refused.set(name, refuse(name, desired.name, observed.usageHidden ?? ''))
      continue
    }
    const isDeletable = mayGo(image) && image.inUse === false
    // The content of an image whose source could not be read may be this one.
    if (isDeletable && (desired.unresolved ?? []).length > 0) continue
    if (!isDeletable) {
      const imageOwner = image === undefined ? null : ownerOf(image)
      aliasChanges.push(removeAlias(name, alias, readMark(alias.description).owner ?? imageOwner))
    } else if (!deleted.has(image.fingerprint)) {
      deleted.add(image.fingerprint)
      imageChanges.push(deleteImage(name, image, names, owner))
    }
  }
  return { changes: [...aliasChanges, ...imageChanges], refused: [...refused.values()] }
}

function refuse(image: string, server: string, missing: string): ImageProblem {
  const message = `Cannot remove image "${image}" from "${server}": ${describeHidden(missing)}`
  return { image, error: { code: 'not-authorized', message } }
}

function removeAlias(name: string, alias: ObservedAlias, owner: string | null): Change {
  const before = { target: alias.target, description: alias.description }
  return { action: 'remove-alias', image: name, fingerprint: alias.target, alias: alias.name, before, owner }
}

function deleteImage(name: string, image: ObservedImage, names: ReadonlySet<string>, owner: string): Change {
  const { fingerprint, size, aliases } = image
  const going = aliases.filter((alias) => names.has(alias)).sort()
  return { action: 'delete-image', image: name, fingerprint, bytes: size, aliases: going, owner }
}
