import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { readJson } from '../../call/read-json.ts'
import { refusal } from '../../dialect/fill.ts'
import { decodeFields } from '../../json/decode-fields.ts'

const knownKey = /^(features|limits|restricted|images|backups|user)\b/

function checkName(name: string): void {
  if (name === '') throw new Failure(400, 'No name provided')
  if (name.includes('/')) throw new Failure(400, 'Project names may not contain slashes')
  if (name === '*') throw new Failure(400, 'Reserved project name')
  if (name === '.' || name === '..') throw new Failure(400, `Invalid project name "${name}"`)
  if (name.includes(' ')) throw new Failure(400, 'Project names may not contain spaces')
  if (/['"]/.test(name)) throw new Failure(400, 'Project names may not contain quotes')
}

/** `POST /1.0/projects`. Features that the request does not name are on. */
export async function createProject(call: Call): Promise<Response> {
  const { server, peer } = call
  if (peer.projects !== undefined) throw new Failure(403, server.dialect.forbidden)
  const fields = decodeFields(await readJson(call.request), 'ProjectsPost', {
    name: 'string',
    description: 'string',
    config: 'map[string]string',
  })
  const name = fields.name ?? ''
  checkName(name)
  for (const key of Object.keys(fields.config ?? {})) {
    if (!knownKey.test(key)) throw new Failure(400, `Invalid project configuration key "${key}"`)
  }
  if (server.projects.get(name) !== undefined) {
    throw refusal(server.dialect.duplicateProject, name)
  }
  const features = server.dialect.projectFeatures.map((feature) => [`features.${feature}`, 'true'])
  await server.projects.put({
    name,
    description: fields.description ?? '',
    config: { ...Object.fromEntries(features), ...fields.config },
  })
  return syncAnswer(null, { location: `/1.0/projects/${encodeURIComponent(name)}` })
}
