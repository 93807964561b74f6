import type { ServerInfo } from './server-info.ts'

/**
 * Whether a server has an extension of the API; undefined where it does not say. Unknown is not absent: try it then, and
 * let the server refuse.
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
