import type { ServerInfo } from './server-info.ts'

/**
 * Whether a server has an API extension; undefined if it does not say. Unknown does not mean absent: try the call then, and let the
 * server refuse it.
 *
 * @example
 * ```ts
 * const server = await client.server()
 * if (supports(server, 'images_all_projects') !== false) console.log(await client.images.list({ allProjects: true }))
 * ```
 */
export function supports(
  { apiExtensions }: Pick<ServerInfo, 'apiExtensions'>,
  extension: string,
): boolean | undefined {
  return apiExtensions?.has(extension)
}
