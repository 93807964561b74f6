import { createSha256, dialects, explainAliasName } from '@hyperkit/core/parts'
import { lockPrefix } from '../ownership/lock-alias.ts'

/** The name of a manifest's lock, which every server accepts for an alias, whatever the manifest's name is. */
export function lockAliasOf(manifest: string): string {
  const name = `${lockPrefix}${manifest}`
  const { aliasNames } = dialects.incus
  if (aliasNames === undefined || explainAliasName(aliasNames, name) === undefined) return name
  const hash = createSha256()
  hash.update(new TextEncoder().encode(manifest))
  return `${lockPrefix}sha256-${hash.digest('hex').slice(0, 32)}`
}
