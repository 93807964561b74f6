import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../server/context.ts'
import { renderInstance } from './render-instance.ts'

/** `GET /1.0/instances/<name>`. */
export function getInstance({ server, params, project }: Call): Response {
  const [name = ''] = params
  const instance = server.instances.find((one) => one.name === name && (one.project ?? 'default') === project)
  if (instance !== undefined) return syncAnswer(renderInstance(instance))
  const { publishChecksFirst } = server.dialect.quirks
  const where = publishChecksFirst ? '' : `Failed to fetch instance "${name}" in project "${project}": `
  throw new Failure(404, `${where}Instance not found`)
}
