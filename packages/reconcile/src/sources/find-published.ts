import type { Client, Image } from '@hyperkit/core'
import { sourceProperty } from '../identity/source-mark.ts'
import { ownerProperty } from '../ownership/owner-property.ts'
import { requireView } from './require-view.ts'

/**
 * The newest image that a manifest has published from what a mark says. It takes the whole listing: where that may be cut,
 * or some of it hidden, it is an error, for an image that was not seen would be published twice.
 */
export async function findPublished(
  client: Client,
  owner: string,
  isIt: (mark: string | undefined) => boolean,
  signal: AbortSignal | undefined,
): Promise<Image | undefined> {
  await requireView(client, signal)
  const images = await client.images.list({ signal })
  const published = images.filter((image) => isPublishedBy(image, owner, isIt))
  return published.sort((a, b) => (b.uploadedAt?.getTime() ?? 0) - (a.uploadedAt?.getTime() ?? 0))[0]
}

export function isPublishedBy(
  { properties }: Pick<Image, 'properties'>,
  owner: string,
  isIt: (mark: string | undefined) => boolean,
): boolean {
  return properties[ownerProperty] === owner && isIt(properties[sourceProperty])
}
