import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { readJson } from '../../call/read-json.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import { profilesProject } from './profiles-project.ts'

/** `PUT /1.0/profiles/default`. */
export async function updateProfile(call: Call): Promise<Response> {
  const { server, params } = call
  const fields = decodeFields(await readJson(call.request), 'ProfilePut', {
    description: 'string',
    config: 'map[string]string',
    devices: 'object',
  })
  if (params[0] !== 'default') throw new Failure(404, 'Profile not found')
  const project = profilesProject(call)
  const { description, config, devices } = fields
  const profile = { description: description ?? '', config: config ?? {}, devices: devices ?? {} }
  await server.projects.put({ ...project, profile })
  return syncAnswer({})
}
