import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { refusal } from '../../dialect/fill.ts'
import { mayUse } from '../../trust/peer.ts'
import { projectEtag, renderProject } from './render-project.ts'

export function getProject({ server, peer, params }: Call): Response {
  const name = params[0] ?? ''
  const { dialect } = server
  if (!mayUse(peer, name))
    throw peer.permissions === undefined
      ? refusal(dialect.foreignProject, name)
      : new Failure(404, dialect.notFound)
  const project = server.projects.get(name)
  if (project === undefined) throw new Failure(404, 'Project not found')
  return syncAnswer(renderProject(server, project), { etag: projectEtag(project) })
}
