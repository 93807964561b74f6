import type { Client } from '@hyperkit/core'

/**
 * A sentence for stderr where a server may have more images than it shows this client; undefined where it shows all, and
 * where nothing else was asked for: of a remote that is public.
 *
 * @example
 * ```ts
 * const note = await describeView(client)
 * if (note !== undefined) console.error(note)
 * ```
 */
export async function describeView(
  client: Client<boolean>,
  options: { signal?: AbortSignal | undefined; allProjects?: boolean | undefined } = {},
): Promise<string | undefined> {
  const view = await client.view(options)
  if (view.sees === 'everything' || view.sees === 'images' || view.stranger) return undefined
  const shown = view.sees === 'public' ? 'public images only' : 'a part of the images at most'
  return `"${client.name}" shows ${shown}: ${view.reason}; ${view.remedy}`
}
