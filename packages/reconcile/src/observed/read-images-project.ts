import { type Client, isHyperkitError, NotFoundError } from '@hyperkit/core'
import { keeperOf } from '@hyperkit/core/parts'
import * as v from 'valibot'

const answered = v.looseObject({ config: v.nullish(v.record(v.string(), v.string())) })

/**
 * The project that holds the images of a client's project: without `features.images`, a project shares those of `default`.
 * Undefined if the server does not show the project to this client. Servers answer for a missing project as for an empty one,
 * so without this check a mistyped name would become a plan to upload everything.
 *
 * @throws {HyperkitError} `not-found` if there is no such project
 */
export async function readImagesProject(
  client: Client,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const project = client.projectName
  if (project === undefined || project === 'default') return 'default'
  const path = `/1.0/projects/${encodeURIComponent(project)}`
  try {
    const answer = await client.request({ method: 'GET', path, action: `find project "${project}"`, signal })
    const found = v.safeParse(answered, answer.metadata)
    if (!found.success) return undefined
    return keeperOf('images', project, found.output.config)
  } catch (error) {
    // A client that may work in a project may still not be allowed to see the project itself.
    if (isHyperkitError(error, 'not-authorized')) return undefined
    if (!isHyperkitError(error, 'not-found')) throw error
    throw new NotFoundError(
      `Cannot read images of "${client.name}": it has no project "${project}"; create the project, or choose another`,
      { server: client.name, cause: error },
    )
  }
}
