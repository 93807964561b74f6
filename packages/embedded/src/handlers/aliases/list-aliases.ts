import { syncAnswer } from '../../answer/envelope.ts'
import { aliasUrl } from '../../events/emit-lifecycle.ts'
import { imagesProject } from '../../records/images-project.ts'
import type { Call } from '../../server/context.ts'
import { isRecursive } from '../../server/is-recursive.ts'
import { renderAlias } from './render-alias.ts'

/** `GET /1.0/images/aliases`, sorted by name. */
export function listAliases(call: Call): Response {
  const { server } = call
  const project = imagesProject(call)
  const aliases = server.aliases
    .values()
    .filter((alias) => alias.project === project)
    .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  const recursive = isRecursive(call.query)
  return syncAnswer(
    aliases.map((alias) =>
      recursive ? renderAlias(server, alias) : aliasUrl(server, 'default', alias.name),
    ),
  )
}
