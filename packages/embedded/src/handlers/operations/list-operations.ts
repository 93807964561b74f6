import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { isRecursive } from '../../call/is-recursive.ts'
import { refusal } from '../../dialect/fill.ts'
import { groupByStatus } from '../../operations/operations.ts'
import { may } from '../../trust/rights.ts'

/** `GET /1.0/operations`, grouped by status. */
export function listOperations({ server, query, project, peer }: Call): Response {
  const { dialect } = server
  const all = dialect.operationsOfAllProjects !== 'ignored' && query.get('all-projects') === 'true'
  if (!all && server.projects.get(project) === undefined && dialect.operationsOfUnknownProject !== 'empty')
    throw refusal(dialect.operationsOfUnknownProject, project)
  const operations = server.operations
    .list()
    .filter((operation) => all || operation.project === project)
    .filter(
      ({ project: of, requestor }) =>
        (all ? dialect.operationsOfAllProjects === 'all' : dialect.foreignOperations === 'shown') ||
        may(peer, 'can_view_operations', of) ||
        requestor.username === peer.requestor.username,
    )
  return syncAnswer(groupByStatus(dialect, operations, isRecursive(query, dialect)))
}
