import { Failure } from '../answer/failure.ts'
import type { Call } from './context.ts'

/**
 * The project whose images a call uses: projects without `features.images` share those of `default`.
 *
 * @throws {Failure} 404
 */
export function imagesProject(call: Call, message: string = call.server.dialect.unknownProject): string {
  const project = call.server.projects.get(call.project)
  if (project === undefined) throw new Failure(404, message)
  return project.config['features.images'] === 'true' ? project.name : 'default'
}
