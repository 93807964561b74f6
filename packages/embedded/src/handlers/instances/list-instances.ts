import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../server/context.ts'
import { isRecursive } from '../../server/is-recursive.ts'
import { renderInstance } from './render-instance.ts'

/** `GET /1.0/instances`. */
export function listInstances({ server, query, project }: Call): Response {
  const all = query.get('all-projects') === 'true'
  const instances = server.instances.filter((one) => all || (one.project ?? 'default') === project)
  const recursive = isRecursive(query)
  return syncAnswer(instances.map((one) => (recursive ? renderInstance(one) : urlOf(one.name, one.project))))
}

function urlOf(name: string, project = 'default'): string {
  return `/1.0/instances/${name}${project === 'default' ? '' : `?project=${encodeURIComponent(project)}`}`
}
