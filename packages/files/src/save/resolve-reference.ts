import { ArgumentError, type Client } from '@hyperkit/core'
import { checkFingerprint, isWholeFingerprint } from '@hyperkit/core/parts'

/**
 * The image: an alias, a fingerprint or the beginning of one. A text of 64 hex characters is always a fingerprint. Any other text is
 * an alias if that alias exists, else the beginning of a fingerprint. `{ alias }` and `{ fingerprint }` are never ambiguous.
 */
export type ImageReference = string | { alias: string } | { fingerprint: string }

export interface ReferenceOptions {
  signal?: AbortSignal | undefined
  project?: string | undefined
  secret?: string | undefined
}

/** @returns all 64 characters of the fingerprint */
export async function resolveReference(
  client: Client<boolean>,
  reference: ImageReference,
  options: ReferenceOptions,
): Promise<string> {
  const { secret, ...call } = options
  if (typeof reference === 'object' && reference !== null && 'alias' in reference) {
    return (await client.aliases.get(reference.alias, call)).target
  }
  const text =
    typeof reference === 'object' && reference !== null
      ? checkFingerprint(reference.fingerprint)
      : String(reference ?? '')
  if (isWholeFingerprint(text.toLowerCase())) return text.toLowerCase()
  if (typeof reference === 'string' && reference !== '') {
    const alias = await client.aliases.find(reference, call)
    if (alias) return alias.target
    if (!/^[0-9a-f]{1,64}$/i.test(reference)) {
      const { stranger, reason } = await client.view(call)
      throw new ArgumentError(
        'reference',
        `Cannot save image ${JSON.stringify(reference)} of "${client.name}": there is no such alias${stranger ? `; ${reason}` : ''}`,
        { server: client.name, code: 'not-found' },
      )
    }
  }
  return (await client.images.get(checkFingerprint(text), options)).fingerprint
}
