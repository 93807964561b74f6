import type { Client } from '@hyperkit/core'
import type { ViewOptions } from '@hyperkit/core/parts'

/**
 * A sentence for stderr where a server may have more images, or operations, than it shows this client; undefined where it shows
 * all, and where nothing else was asked for: of a remote that is public.
 *
 * @example
 * ```ts
 * const note = await describeView(client)
 * if (note !== undefined) console.error(note)
 * ```
 */
export async function describeView(
  client: Client<boolean>,
  options: ViewOptions = {},
): Promise<string | undefined> {
  const view = await client.view(options)
  if (view.sees === 'everything' || view.sees === 'images' || view.stranger) return undefined
  if (options.of === 'operations')
    return `"${client.name}" may have more operations than it shows: ${view.reason}; ${view.remedy}`
  const shown = view.sees === 'public' ? 'public images only' : 'a part of the images at most'
  return `"${client.name}" shows ${shown}: ${view.reason}; ${view.remedy}`
}
