import { type Client, isHyperkitError, NotFoundError } from '@hyperkit/core'
import * as v from 'valibot'

const answered = v.looseObject({ config: v.nullish(v.record(v.string(), v.string())) })

/**
 * The project that keeps the images of a client's project: without `features.images` a project has those of `default`.
 * Undefined where the client is not shown it. Servers answer for a project that they do not have as for an empty one; without
 * this a mistyped name would be a plan to bring everything there.
 *
 * @throws {HyperkitError} `not-found` where there is no such project
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
    return found.output.config?.['features.images'] === 'true' ? project : 'default'
  } catch (error) {
    // Who may work in a project is not always shown it.
    if (isHyperkitError(error, 'not-authorized')) return undefined
    if (!isHyperkitError(error, 'not-found')) throw error
    throw new NotFoundError(
      `Cannot read images of "${client.name}": it has no project "${project}"; create it there, or name another`,
      { server: client.name, cause: error },
    )
  }
}
