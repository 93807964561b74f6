import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { isRecursive } from '../../call/is-recursive.ts'
import { mayUse } from '../../trust/peer.ts'
import { renderProject } from './render-project.ts'

/** `GET /1.0/projects`: the projects that the peer may use. */
export function listProjects({ server, peer, query }: Call): Response {
  const projects = server.projects.values().filter(({ name }) => mayUse(peer, name))
  const recursive = isRecursive(query, server.dialect)
  return syncAnswer(
    projects.map((project) => (recursive ? renderProject(server, project) : `/1.0/projects/${project.name}`)),
  )
}
