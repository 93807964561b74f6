import { type Client, HyperkitError, isHyperkitError } from '@hyperkit/core'

/**
 * Servers answer for a project that they do not have as for an empty one; without this a mistyped name would be a plan to
 * bring everything there.
 *
 * @throws {HyperkitError} `not-found`
 */
export async function checkProject(client: Client, signal: AbortSignal | undefined): Promise<void> {
  const project = client.projectName
  if (project === undefined || project === 'default') return
  const path = `/1.0/projects/${encodeURIComponent(project)}`
  try {
    await client.request({ method: 'GET', path, action: `find project "${project}"`, signal })
  } catch (error) {
    // Who may work in a project is not always shown it.
    if (isHyperkitError(error, 'not-authorized')) return
    if (!isHyperkitError(error, 'not-found')) throw error
    throw new HyperkitError(
      'not-found',
      `Cannot read images of "${client.name}": it has no project "${project}"; create it there, or name another`,
      { server: client.name, cause: error },
    )
  }
}
