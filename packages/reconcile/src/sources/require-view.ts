import { type Client, HyperkitError, type View } from '@hyperkit/core'

/**
 * Makes sure that this client sees all images of its project: to other clients, servers report private images and their
 * aliases as "not found" although they exist.
 *
 * @throws {HyperkitError} `not-authorized`, with the reason and the remedy
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
