import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { fill } from '../../dialect/fill.ts'
import type { SeededInstance } from '../../records/seeded-instance.ts'

/** @throws {Failure} 404 */
export function findInstance({ server, params, project }: Call): SeededInstance {
  const [name = ''] = params
  const instance = server.instances.find((one) => one.name === name && (one.project ?? 'default') === project)
  if (instance !== undefined) return instance
  throw new Failure(404, fill(server.dialect.missingInstance, name, project))
}
