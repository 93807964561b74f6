import { type AliasRollbackResult, noEarlierVersion } from './plan-alias-rollback.ts'

/** What a rollback without `to` found of an alias on one server. */
export interface FoundRollback {
  server: string
  alias: string
  /** The fingerprint that it points at. */
  target: string
  result: AliasRollbackResult
}

/**
 * Leaves an alias alone on a server that does not have the version yet which other servers go back from, as in a rollout that is paused:
 * there it points at the very version that it goes back to elsewhere.
 */
export function spareBehind(found: readonly FoundRollback[]): FoundRollback[] {
  return found.map((each) => {
    const isMovable =
      'change' in each.result || ('why' in each.result && each.result.why === noEarlierVersion)
    const other = found.find(
      (one) => one.alias === each.alias && goalOf(one) === each.target && !isSwap(one, each),
    )
    if (!isMovable || other === undefined) return each
    const unchanged = `it points at ${each.target.slice(0, 12)}, to which it goes back on "${other.server}"; choose an earlier version with --to`
    return { ...each, result: { unchanged } }
  })
}

/** The version that an alias points at when the rollback has been made; undefined if it is refused. */
function goalOf({ result, target }: FoundRollback): string | undefined {
  if ('change' in result) return result.change.after.target
  return 'unchanged' in result ? target : undefined
}

/** Whether two servers would exchange their versions; then neither is behind the other. */
function isSwap(one: FoundRollback, other: FoundRollback): boolean {
  return 'change' in one.result && one.target === goalOf(other)
}
