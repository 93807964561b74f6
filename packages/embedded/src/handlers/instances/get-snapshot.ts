import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { fill } from '../../dialect/fill.ts'
import { renderSnapshot, snapshotsOf } from './render-snapshot.ts'

/** `GET /1.0/instances/<name>/snapshots/<snapshot>`. */
export function getSnapshot({ server, params, project }: Call): Response {
  const [name = '', snapshotName = ''] = params
  const { dialect } = server
  const instance = server.instances.find((one) => one.name === name && (one.project ?? 'default') === project)
  if (instance === undefined)
    throw new Failure(404, fill(dialect.missingInstance, `${name}/${snapshotName}`, project))
  const snapshot = snapshotsOf(instance).find((one) => one.name === snapshotName)
  if (snapshot === undefined) {
    const where = `Failed to fetch snapshot "${snapshotName}" of instance "${name}" in project "${project}"`
    throw new Failure(404, `${where}: ${dialect.missingSnapshot}`)
  }
  return syncAnswer(renderSnapshot(instance, snapshot))
}
