import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../server/context.ts'
import { renderSnapshot, snapshotsOf } from './render-snapshot.ts'

/** `GET /1.0/instances/<name>/snapshots/<snapshot>`. */
export function getSnapshot({ server, params, project }: Call): Response {
  const [name = '', snapshotName = ''] = params
  const { publishChecksFirst } = server.dialect
  const instance = server.instances.find((one) => one.name === name && (one.project ?? 'default') === project)
  if (instance === undefined) {
    const where = publishChecksFirst
      ? ''
      : `Failed to fetch instance "${name}/${snapshotName}" in project "${project}": `
    throw new Failure(404, `${where}Instance not found`)
  }
  const snapshot = snapshotsOf(instance).find((one) => one.name === snapshotName)
  if (snapshot === undefined) {
    const what = publishChecksFirst ? 'InstanceSnapshot' : 'Instance_snapshot'
    throw new Failure(
      404,
      `Failed to fetch snapshot "${snapshotName}" of instance "${name}" in project "${project}": ${what} not found`,
    )
  }
  return syncAnswer(renderSnapshot(instance, snapshot))
}
