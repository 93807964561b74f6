import type { NotifyOccasion } from '../manifest/notify.ts'

/** What a run did. */
export interface Occasion {
  hasChanged: boolean
  /** All failures as one text; empty if nothing failed. */
  failure: string
}

/**
 * Whether the report of a run is sent. A watch that keeps failing in the same way reports that once, and reports once that the
 * failure has ended.
 *
 * @param before the failures of the previous run; empty for the first run
 */
export function shouldNotify(
  { hasChanged, failure }: Occasion,
  before: string,
  on: readonly NotifyOccasion[],
): boolean {
  return (
    on.includes('always') ||
    (on.includes('change') && hasChanged) ||
    (on.includes('failure') && failure !== before)
  )
}
