import type { Desired } from '../../desired/desired.ts'
import { isKnown } from '../../identity/fingerprint-to-come.ts'
import type { Manifest, PresentImage } from '../../manifest/manifest.ts'
import { formatProblem } from '../../manifest/manifest-error.ts'
import type { Source } from '../../manifest/source.ts'
import type { ObservedServer } from '../../observed/observed.ts'
import type { Refusal } from './guard-plan.ts'

/**
 * Checks what the policy says of the images themselves: their sizes, as far as they are known, also of those that servers have already;
 * and that each has the content that its source names, also if it comes from another server.
 *
 * @returns one refusal for each entry of the manifest, at its position
 */
export function guardPolicy(
  manifest: Manifest,
  { servers }: Desired,
  observed: readonly ObservedServer[],
): Refusal[] {
  const { policy, file } = manifest
  if (policy === undefined) return []
  const { maxSize, requireSha256 } = policy
  const refusals = new Map<string, Refusal>()
  for (const { name: server, images } of servers) {
    const found = observed.find(({ name }) => name === server)
    for (const { names, fingerprint, size: known } of images) {
      const size = known ?? (found?.status === 'read' ? found.images.get(fingerprint)?.size : undefined)
      for (const image of entriesOf(manifest, names, server)) {
        const refuse = (why: string): void => {
          const { at } = image.source
          const message = formatProblem({
            file: at.file ?? file,
            at,
            message: `image "${image.name}" ${why}`,
          })
          if (!refusals.has(message)) refusals.set(message, { server, message })
        }
        if (maxSize !== undefined && size !== undefined && size > maxSize)
          refuse(`has ${size} bytes, more than the ${maxSize} that "policy.maxSize" allows`)
        const pinned = hashOf(image.source)
        if (requireSha256 && isKnown(fingerprint) && pinned !== undefined && pinned !== fingerprint)
          refuse(
            `would get the content ${fingerprint.slice(0, 12)}, and "policy.requireSha256" allows only ${pinned.slice(0, 12)}, which its source names`,
          )
      }
    }
  }
  return [...refusals.values()]
}

function entriesOf({ images }: Manifest, names: readonly string[], server: string): PresentImage[] {
  return images.filter(
    (image): image is PresentImage =>
      image.state === 'present' && names.includes(image.name) && image.servers.includes(server),
  )
}

/** The hash by which a source names its content. */
function hashOf(source: Source): string | undefined {
  if ('sha256' in source) return source.sha256
  return 'fingerprint' in source && source.fingerprint?.length === 64 ? source.fingerprint : undefined
}
