import type { Client } from '@hyperkit/core'
import type { ViewOptions } from '@hyperkit/core/parts'

/**
 * A sentence for stderr if a server may have more images, or operations, than it shows this client. Undefined if it shows
 * all of them, and for a public remote, of which only public images are expected.
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
  const shown = view.sees === 'public' ? 'public images only' : 'at most a part of the images'
  return `"${client.name}" shows ${shown}: ${view.reason}; ${view.remedy}`
}
