import type { Client, Image } from '@hyperkit/core'
import { sourceProperty } from '../identity/source-mark.ts'
import { ownerProperty } from '../ownership/owner-property.ts'
import { requireView } from './require-view.ts'

/**
 * The newest image that a manifest has published from a source with a matching mark. This lists all images; a list that may be
 * truncated or hidden in part is an error, since an image that was missed would be published twice.
 */
export async function findPublished(
  client: Client,
  owner: string,
  matches: (mark: string | undefined) => boolean,
  signal: AbortSignal | undefined,
): Promise<Image | undefined> {
  await requireView(client, signal)
  const images = await client.images.list({ signal })
  const published = images.filter((image) => isPublishedBy(image, owner, matches))
  return published.sort((a, b) => (b.uploadedAt?.getTime() ?? 0) - (a.uploadedAt?.getTime() ?? 0))[0]
}

export function isPublishedBy(
  { properties }: Pick<Image, 'properties'>,
  owner: string,
  matches: (mark: string | undefined) => boolean,
): boolean {
  return properties[ownerProperty] === owner && matches(properties[sourceProperty])
}
