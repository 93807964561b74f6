import { syncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { aliasUrl } from '../../call/emit-lifecycle.ts'
import { imagesProject } from '../../call/images-project.ts'
import { isRecursive } from '../../call/is-recursive.ts'
import { mayWith } from '../../trust/rights.ts'
import { renderAlias } from './render-alias.ts'

/** `GET /1.0/images/aliases`, sorted by name. */
export function listAliases(call: Call): Response {
  const { server, peer } = call
  const project = imagesProject(call)
  const aliases = server.aliases
    .values()
    .filter((alias) => alias.project === project)
    .filter(({ name }) => {
      const url = `/1.0/images/aliases/${encodeURIComponent(name)}`
      return mayWith(peer, 'can_view_image_aliases', call.project, url)
    })
    .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  const recursive = isRecursive(call.query, server.dialect)
  return syncAnswer(
    aliases.map((alias) =>
      recursive ? renderAlias(server, alias) : aliasUrl(server, 'default', alias.name),
    ),
  )
}
