import { HyperkitError } from '@hyperkit/core'
import { describeMoved, type Moved } from './find-moved.ts'

/**
 * The error of a plan that is stale because something changed since it was made; its message has one line for each difference.
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * const plan = await planManifest(manifest)
 * try {
 *   await applyPlan(plan, { manifest })
 * } catch (error) {
 *   if (error instanceof StalePlanError) console.log(error.moved)
 *   else throw error
 * }
 * ```
 */
export class StalePlanError extends HyperkitError {
  override readonly name = 'StalePlanError'
  /** The differences, one by one. */
  readonly moved: readonly Moved[]

  /** @param file undefined for a plan that was given as a value */
  constructor(file: string | undefined, moved: readonly Moved[]) {
    const lines = moved.map((each) => `  ${describeMoved(each)}`)
    const [what, again] =
      file === undefined ? ['the plan', 'plan again'] : [`plan "${file}"`, 'make a new one with "plan --out"']
    super(
      'precondition-failed',
      `Cannot apply ${what}: it is stale, and nothing was changed; ${again} and review it\n${lines.join('\n')}`,
    )
    this.moved = moved
  }
}
