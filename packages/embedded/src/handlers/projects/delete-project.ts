import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'

/** `DELETE /1.0/projects/<name>`: only if it is empty. */
export async function deleteProject({ server, peer, params }: Call): Promise<Response> {
  const name = params[0] ?? ''
  if (peer.projects !== undefined) throw new Failure(403, server.dialect.forbidden)
  if (name === 'default') throw new Failure(403, "The 'default' project cannot be deleted")
  if (server.projects.get(name) === undefined) {
    throw new Failure(404, `Fetch project "${name}": Project not found`)
  }
  if (server.images.values().some((image) => image.project === name)) {
    throw new Failure(500, server.dialect.projectInUse)
  }
  await server.projects.delete(name)
  return syncAnswer({})
}
