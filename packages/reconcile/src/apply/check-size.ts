import { type Client, HyperkitError } from '@hyperkit/core'
import type { Creation } from '../documents/plan.ts'

/**
 * Checks the size of an image that has just been made, since the size of what is published or downloaded is not always known before.
 *
 * @throws {HyperkitError} `precondition-failed` if it is larger than the policy allows; the image stays, without aliases
 */
export async function checkSize(
  client: Client,
  { image }: Creation,
  fingerprint: string,
  { maxSize, signal }: { maxSize: number | undefined; signal: AbortSignal },
): Promise<void> {
  if (maxSize === undefined) return
  const { size } = await client.images.get(fingerprint, { signal })
  if (size <= maxSize) return
  throw new HyperkitError(
    'precondition-failed',
    `Cannot use image "${image}" on "${client.name}": it has ${size} bytes, more than the ${maxSize} that "policy.maxSize" allows; it is there as ${fingerprint.slice(0, 12)}, without an alias`,
    { server: client.name },
  )
}
