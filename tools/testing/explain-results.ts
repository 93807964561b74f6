import type { Reporter, TestCase } from 'vitest/node'

/**
 * Copies the note of `context.skip(note)` into the meta data of its test, which the json reporter writes out; by itself that
 * reporter (vitest 4.1.12) leaves the note out.
 */
export default class ExplainResults implements Reporter {
  onTestCaseResult(testCase: TestCase): void {
    const result = testCase.result()
    if (result.state === 'skipped' && result.note !== undefined) {
      Object.assign(testCase.meta(), { skipReason: result.note })
    }
  }
}
