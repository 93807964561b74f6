/**
 * The project that keeps the images or profiles of a project: itself if its configuration says `features.images: "true"`, else
 * `default`. Servers read a missing key as "false", so a project without it shares those of `default`.
 *
 * @example
 * ```ts
 * console.log(keeperOf('images', 'web', { 'features.images': 'true' })) // web
 * console.log(keeperOf('images', 'web', {})) // default
 * ```
 */
export function keeperOf(
  things: 'images' | 'profiles',
  project: string,
  config: Readonly<Record<string, unknown>> | null | undefined,
): string {
  return config?.[`features.${things}`] === 'true' ? project : 'default'
}
