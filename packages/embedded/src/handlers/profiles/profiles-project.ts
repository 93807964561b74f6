import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import type { ProjectRecord } from '../../records/records.ts'

/**
 * The project whose profiles a call uses: projects without `features.profiles` share those of `default`.
 *
 * @throws {Failure} 404
 */
export function profilesProject({ server, project }: Call): ProjectRecord {
  const asked = server.projects.get(project)
  const owner =
    asked?.config['features.profiles'] === 'true' ? asked : asked && server.projects.get('default')
  if (owner === undefined) throw new Failure(404, 'Project not found')
  return owner
}
