import { syncAnswer } from '../../answer/envelope.ts'
import { Failure } from '../../answer/failure.ts'
import type { Call } from '../../call/context.ts'
import { isRecursive } from '../../call/is-recursive.ts'
import type { ProjectRecord } from '../../records/records.ts'
import { may } from '../../trust/rights.ts'
import { profilesProject } from './profiles-project.ts'

/** `GET /1.0/profiles`: each project with separate profiles has one, `default`. */
export function listProfiles(call: Call): Response {
  const { server, query, peer } = call
  const owners = isOfAll(call) ? server.projects.values().filter(isOwner) : [profilesProject(call)]
  const projects = owners.filter(({ name }) => may(peer, 'can_view_profiles', name))
  if (!isRecursive(query, server.dialect))
    return syncAnswer(projects.map(({ name }) => `/1.0/profiles/default${suffix(name)}`))
  return syncAnswer(
    projects.map(({ profile }) => ({
      name: 'default',
      description: `Default ${server.dialect.productName} profile`,
      config: {},
      devices: {},
      ...profile,
      used_by: [],
    })),
  )
}

/** Older servers ignore the parameter. */
function isOfAll({ server, query }: Call): boolean {
  const all = query.get('all-projects') === 'true'
  if (!all || !server.dialect.apiExtensions.includes('profiles_all_projects')) return false
  if (query.has('project')) throw new Failure(400, 'Cannot specify a project when requesting all projects')
  return true
}

function isOwner({ name, config }: ProjectRecord): boolean {
  return name === 'default' || config['features.profiles'] === 'true'
}

function suffix(project: string): string {
  return project === 'default' ? '' : `?project=${encodeURIComponent(project)}`
}
