import { createSha256, dialects, explainAliasName } from '@hyperkit/core/parts'
import { lockPrefix } from '../ownership/lock-alias.ts'

/**
 * The name of a manifest's lock, which every server accepts for an alias, whatever the manifest's name is. No manifest's name begins
 * with a dot, so a hash is never the name of another manifest.
 */
export function lockAliasOf(manifest: string): string {
  const name = plainLockAlias(manifest)
  const { aliasNames } = dialects.incus
  if (aliasNames === undefined || explainAliasName(aliasNames, name) === undefined) return name
  const hash = createSha256()
  hash.update(new TextEncoder().encode(manifest))
  return `${lockPrefix}.${hash.digest('hex').slice(0, 16)}`
}

/** All names that the lock of a manifest may have. Servers without a rule for names also accept the manifest's whole name. */
export function lockAliasesOf(manifest: string): string[] {
  return [...new Set([lockAliasOf(manifest), plainLockAlias(manifest)])]
}

function plainLockAlias(manifest: string): string {
  return `${lockPrefix}${manifest}`
}
