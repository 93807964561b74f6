import type { NotifyOccasion } from '../manifest/notify.ts'

/** What there is to tell of a run. */
export interface Occasion {
  hasChanged: boolean
  /** Everything that failed, as one text; empty where nothing did. */
  failure: string
}

/**
 * Whether the report of a run is handed over. A watch that fails again and again in the same way says so once, and once
 * that it does not any more.
 *
 * @param before the failure of the run before; empty for a first one
 */
export function isWorth(
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
