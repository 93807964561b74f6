import { HyperkitError } from '@hyperkit/core'
import type { Plan } from '../../documents/plan.ts'
import type { Refusal } from './guard-plan.ts'

/**
 * The error of a plan with changes that must not be made; then none of its changes is made. Its code is `precondition-failed`.
 *
 * @example
 * ```ts
 * const manifest = await loadManifest('images.yaml')
 * try {
 *   await planManifest(manifest)
 * } catch (error) {
 *   if (!(error instanceof PlanRefusedError)) throw error
 *   console.log(renderPlan(error.plan), error.refusals)
 * }
 * ```
 */
export class PlanRefusedError extends HyperkitError {
  override readonly name = 'PlanRefusedError'
  /** The plan, so that a caller can show it. */
  readonly plan: Plan
  /** The changes that must not be made, and why. */
  readonly refusals: readonly Refusal[]

  constructor(plan: Plan, refusals: readonly Refusal[]) {
    super('precondition-failed', refusals.map(({ message }) => message).join('\n'))
    this.plan = plan
    this.refusals = refusals
  }
}
