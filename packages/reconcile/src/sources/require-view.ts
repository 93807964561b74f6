import { type Client, HyperkitError, type View } from '@hyperkit/core'

/**
 * Makes sure that this client is shown all images of its project: to others, private images and their aliases are "not
 * found", which is not the same as not there.
 *
 * @throws {HyperkitError} `not-authorized`, with the reason and what helps
 */
export async function requireView(client: Client, signal: AbortSignal | undefined): Promise<View> {
  const view = await client.view({ signal })
  const { sees, reason, remedy } = view
  if (sees === 'everything' || sees === 'images') return view
  throw new HyperkitError(
    'not-authorized',
    `Cannot read all images of "${client.name}": ${reason}; ${remedy}`,
    { server: client.name },
  )
}
