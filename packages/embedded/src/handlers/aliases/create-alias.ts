import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { aliasUrl, emitAlias } from '../../call/emit-lifecycle.ts'
import { findImage } from '../../call/find-image.ts'
import { imagesProject } from '../../call/images-project.ts'
import { readJson } from '../../call/read-json.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { aliasKey } from '../../records/records.ts'
import { checkAliasName } from './check-alias-name.ts'
import { storedName } from './find-alias.ts'

/** `POST /1.0/images/aliases`. The target is a fingerprint or a prefix of one. */
export async function createAlias(call: Call): Promise<Response> {
  const { server } = call
  const project = imagesProject(call)
  const fields = decodeFields(await readJson(call.request), 'ImageAliasesPost', {
    name: 'string',
    description: 'string',
    target: 'string',
  })
  if (!fields.name || !fields.target) throw new Failure(400, server.dialect.aliasIncomplete)
  checkAliasName(server.dialect, fields.name)
  const name = storedName(fields.name)
  if (server.aliases.get(aliasKey(project, name)) !== undefined) {
    throw new Failure(409, `Alias "${fields.name}" already exists`)
  }
  const image = findImage(server, project, fields.target)
  await server.aliases.put({
    project,
    name,
    description: fields.description ?? '',
    target: image.fingerprint,
  })
  emitAlias(call, 'image-alias-created', name, { target: image.fingerprint })
  return syncAnswer(null, { location: aliasUrl(server, call.project, fields.name) })
}
