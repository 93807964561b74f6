import type { AliasNameRule } from './dialect.ts'
import type { ServerInfo } from './server-info.ts'
import { supports } from './supports.ts'

/** What a server refuses and others accept, as far as it is known before anything is sent. */
export interface ServerRules {
  /** The rule for names of new aliases. Existing aliases can be changed, moved and deleted whatever their names. */
  aliasNames: AliasNameRule | undefined
  /** Whether images can be public only in project `default` and in projects that share its images. */
  publicOnlyInDefault: boolean
  /** Whether it refuses to download images by URL. */
  refusesUrls: boolean
}

/**
 * The rules of a server, from the table of its dialect.
 *
 * @example
 * ```ts
 * const { aliasNames } = rulesOf(await client.server())
 * if (aliasNames) console.log(explainAliasName(aliasNames, 'ubuntu noble'))
 * ```
 */
export function rulesOf(server: Pick<ServerInfo, 'dialect' | 'version' | 'apiExtensions'>): ServerRules {
  const { aliasNames, publicOnlyInDefault, refusesUrls } = server.dialect
  const has = (extension: string | undefined): boolean =>
    extension !== undefined && supports(server, extension) === true
  return {
    aliasNames:
      aliasNames !== undefined && isSince(server.version, aliasNames.since) ? aliasNames : undefined,
    publicOnlyInDefault: has(publicOnlyInDefault),
    refusesUrls: has(refusesUrls),
  }
}

/**
 * Why a server refuses a new alias of this name, as far as is known; undefined if it does not:
 * `the name has white space, which Incus 7.0.2 refuses (like each version since 6.0.5 and 6.16)`
 *
 * @see {@link rulesOf}
 */
export function explainNewAlias(
  server: Pick<ServerInfo, 'dialect' | 'version' | 'apiExtensions'>,
  name: string,
): string | undefined {
  const { aliasNames } = rulesOf(server)
  const why = aliasNames && explainAliasName(aliasNames, name)
  if (aliasNames === undefined || why === undefined) return undefined
  const kind = server.dialect.kind === 'lxd' ? 'LXD' : 'Incus'
  return `the name ${why}, which ${kind} ${server.version} refuses (like each version since ${aliasNames.since.join(' and ')})`
}

/**
 * Why a rule refuses a name, as a predicate: `has white space`; undefined if it does not.
 *
 * @see {@link rulesOf}
 */
export function explainAliasName({ refused }: AliasNameRule, name: string): string | undefined {
  return refused.find(({ when }) => when(name))?.why
}

/**
 * @param since the first versions that have something, oldest first. All but the last one count only for their own release series, such
 *   as `6.0.5` for the 6.0 that is maintained beside 6.16
 */
function isSince(version: string | undefined, since: readonly string[]): boolean {
  if (version === undefined) return false
  const at = numbersOf(version)
  return since.some((first, index) => {
    const from = numbersOf(first)
    const isLine = index === since.length - 1 || (at[0] === from[0] && at[1] === from[1])
    return isLine && compare(at, from) >= 0
  })
}

function numbersOf(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0)
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
