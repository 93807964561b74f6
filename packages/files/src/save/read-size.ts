import type { Client } from '@hyperkit/core'
import type { ExportImageOptions } from '@hyperkit/core/parts'

/**
 * Bytes of an image by its record.
 *
 * @returns undefined if they are unknown, also if the record cannot be read; the export then reports what is wrong
 */
export async function readSize(
  client: Client<boolean>,
  fingerprint: string,
  { signal, project, secret }: Pick<ExportImageOptions, 'signal' | 'project' | 'secret'>,
): Promise<number | undefined> {
  // A secret works for 5 seconds after its first use, and these are left to the export.
  if (secret !== undefined) return undefined
  const image = await client.images.find(fingerprint, { signal, project }).catch(() => undefined)
  signal?.throwIfAborted()
  return image?.size || undefined
}
