import { createSha256, dialects, explainAliasName } from '@hyperkit/core/parts'
import { lockPrefix } from '../ownership/lock-alias.ts'

/** The name of the lock of a manifest: one that every server lets an alias have, whatever the manifest is called. */
export function lockAliasOf(manifest: string): string {
  const name = `${lockPrefix}${manifest}`
  const { aliasNames } = dialects.incus
  if (aliasNames === undefined || explainAliasName(aliasNames, name) === undefined) return name
  const hash = createSha256()
  hash.update(new TextEncoder().encode(manifest))
  return `${lockPrefix}sha256-${hash.digest('hex').slice(0, 32)}`
}
