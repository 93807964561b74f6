import { Failure } from '../../answer/failure.ts'
import type { ServerContext } from '../../call/context.ts'
import { decodeFields } from '../../json/decode-fields.ts'
import type { Permission } from '../../records/permission.ts'

export function readPermissions(values: readonly unknown[]): Permission[] {
  return values.map((value) => {
    const fields = decodeFields(value, 'Permission', {
      entity_type: 'string',
      url: 'string',
      entitlement: 'string',
    })
    return {
      entity_type: fields.entity_type ?? '',
      url: fields.url ?? '',
      entitlement: fields.entitlement ?? '',
    }
  })
}

/**
 * A group that grants something in a project must also grant permission to view that project.
 *
 * @throws {Failure} 400
 */
export function checkPermissions({ projects }: ServerContext, permissions: readonly Permission[]): void {
  if (permissions.some(({ entity_type: type }) => type === 'server')) return
  for (const one of permissions) {
    const project = projectOf(one)
    if (projects.get(project) === undefined) throw new Failure(404, `Project "${project}" not found`)
    const sees = permissions.some(
      (other) =>
        other.entity_type === 'project' &&
        projectOf(other) === project &&
        ['can_view', 'operator', 'viewer'].includes(other.entitlement),
    )
    if (sees) continue
    const what = `Entitlement "${one.entitlement}" on entity type "${one.entity_type}" references project "${project}"`
    throw new Failure(400, `${what}, but the project cannot be viewed by the group`)
  }
}

function projectOf({ entity_type: type, url }: Permission): string {
  const { pathname, searchParams } = new URL(url, 'http://server')
  if (type === 'project') return decodeURIComponent(pathname.split('/').pop() ?? '')
  return searchParams.get('project') ?? 'default'
}
