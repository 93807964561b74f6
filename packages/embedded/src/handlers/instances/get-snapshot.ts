import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../server/context.ts'
import { renderInstance } from './render-instance.ts'

/** `GET /1.0/instances/<name>/snapshots/<snapshot>`. */
export function getSnapshot({ server, params, project }: Call): Response {
  const [name = '', snapshotName = ''] = params
  const { publishChecksFirst } = server.dialect.quirks
  const instance = server.instances.find((one) => one.name === name && (one.project ?? 'default') === project)
  if (instance === undefined) {
    const where = publishChecksFirst
      ? ''
      : `Failed to fetch instance "${name}/${snapshotName}" in project "${project}": `
    throw new Failure(404, `${where}Instance not found`)
  }
  const snapshots = (instance.snapshots ?? []).map((one) => (typeof one === 'string' ? { name: one } : one))
  const snapshot = snapshots.find((one) => one.name === snapshotName)
  if (snapshot === undefined) {
    const what = publishChecksFirst ? 'InstanceSnapshot' : 'Instance_snapshot'
    throw new Failure(
      404,
      `Failed to fetch snapshot "${snapshotName}" of instance "${name}" in project "${project}": ${what} not found`,
    )
  }
  const { created_at, type: _, status: __, status_code: ___, ...shared } = renderInstance(instance)
  return syncAnswer({
    ...shared,
    name: snapshotName,
    created_at: snapshot.createdAt ?? created_at,
    expires_at: '0001-01-01T00:00:00Z',
    size: -1,
  })
}
