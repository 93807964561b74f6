import type { ServerContext } from '../../call/context.ts'
import { etagOf } from '../../json/go-json.ts'
import type { ProjectRecord } from '../../records/records.ts'

/** The project as the API shows it. */
export function renderProject(server: ServerContext, project: ProjectRecord): Record<string, unknown> {
  const suffix = project.name === 'default' ? '' : `?project=${encodeURIComponent(project.name)}`
  const images = server.images.values().filter((image) => image.project === project.name)
  return {
    config: project.config,
    description: project.description,
    name: project.name,
    used_by: [
      `/1.0/profiles/default${suffix}`,
      ...images.map(({ fingerprint }) => `/1.0/images/${fingerprint}${suffix}`),
    ],
  }
}

export function projectEtag({ description, config }: ProjectRecord): string {
  return etagOf([description, config])
}
