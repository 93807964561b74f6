import { syncAnswer } from '../../answer/envelope.ts'
import { groupByStatus } from '../../operations/operations.ts'
import type { Call } from '../../server/context.ts'
import { isRecursive } from '../../server/is-recursive.ts'

/** `GET /1.0/operations`: by status. */
export function listOperations({ server, query, project }: Call): Response {
  const all = server.dialect.imageHasProject && query.get('all-projects') === 'true'
  const operations = server.operations.list().filter((operation) => all || operation.project === project)
  return syncAnswer(groupByStatus(operations, isRecursive(query)))
}
