import { HyperkitError } from '@hyperkit/core'
import { describeMoved, type Moved } from './find-moved.ts'

/** A saved plan that must not be done any more; the message has one line for each thing that moved. */
export class StalePlanError extends HyperkitError {
  override readonly name = 'StalePlanError'
  readonly moved: readonly Moved[]

  constructor(file: string, moved: readonly Moved[]) {
    const lines = moved.map((each) => `  ${describeMoved(each)}`)
    super(
      'precondition-failed',
      `Cannot apply plan "${file}": it is stale, and nothing was done; make a new one with "plan --out" and look at that\n${lines.join('\n')}`,
    )
    this.moved = moved
  }
}
