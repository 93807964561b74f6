import { type Alias, type Client, HyperkitError, isHyperkitError } from '@hyperkit/core'
import { shortFingerprint } from '@hyperkit/core/parts'
import type { RemoveAlias } from '../documents/plan.ts'
import type { ApplyChangeOptions } from './apply-change-options.ts'

/** Removes an alias. Servers accept no ETag for a removal, so the alias is read again right before it. */
export async function removeAlias(
  client: Client,
  { alias, before }: RemoveAlias,
  { signal }: ApplyChangeOptions,
): Promise<void> {
  const now = await client.aliases.find(alias, { signal })
  if (now === undefined) return
  if (now.target !== before.target)
    throw new HyperkitError(
      'precondition-failed',
      `Cannot remove alias "${alias}" from "${client.name}": it points at ${shortFingerprint(now.target)} now, not ${shortFingerprint(before.target)} as when the plan was made; plan again`,
      { server: client.name },
    )
  try {
    const isStillMeant = ({ target }: Alias): boolean => target === before.target
    await client.aliases.delete(alias, { signal, isStillMeant })
  } catch (error) {
    if (!isHyperkitError(error, 'not-found')) throw error
  }
}
