import type { Desired, DesiredImage, DesiredServer } from '../desired/desired.ts'
import type { ObservedServer, ReadServer } from '../observed/observed.ts'
import { compareImage, describeNewImage } from './compare-image.ts'
import type { Change, Plan, ServerPlan } from './plan.ts'
import { planRemovals } from './plan-removals.ts'

/** The difference between what is wanted and what is. Takes data, returns data; the same in, the same out. */
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
    return { status: 'unread', name: desired.name, error: { code: 'unread', message: 'it was not read' } }
  if (observed.status === 'unread') return { status: 'unread', name: desired.name, error: observed.error }
  const perImage = desired.images.map((image) => planImage(image, observed, owner))
  return {
    status: 'planned',
    name: desired.name,
    dialect: observed.dialect,
    serverVersion: observed.version ?? null,
    changes: [...perImage.flat(), ...planRemovals(desired, observed, owner)],
    inSync: perImage.filter((changes) => changes.length === 0).length,
  }
}

/** New content first, then its attributes, then one step an alias: so no alias ever names what is not there. */
function planImage(desired: DesiredImage, observed: ReadServer, owner: string): Change[] {
  const { fingerprint, size, files } = desired
  const of = { image: desired.names[0] ?? fingerprint, fingerprint }
  const image = observed.images.get(fingerprint)
  const changes: Change[] = []
  if (image === undefined) {
    const fields = describeNewImage(desired, owner)
    changes.push({ action: 'upload-image', ...of, bytes: size, files, fields })
  } else {
    const fields = compareImage(desired, image)
    if (fields.length > 0) changes.push({ action: 'update-image', ...of, etag: image.etag ?? null, fields })
  }
  for (const { name, description } of desired.aliases) {
    const alias = observed.aliases.get(name)
    const after = { target: fingerprint, description: description ?? alias?.description ?? '' }
    if (alias === undefined) {
      changes.push({ action: 'create-alias', ...of, alias: name, after })
    } else if (alias.target !== after.target || alias.description !== after.description) {
      const before = { target: alias.target, description: alias.description }
      changes.push({ action: 'update-alias', ...of, alias: name, etag: alias.etag ?? null, before, after })
    }
  }
  return changes
}
