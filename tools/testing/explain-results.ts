import type { Reporter, TestCase } from 'vitest/node'

/**
 * Copies into the meta data of a test, which the json reporter writes out, what that reporter (vitest 4.1.12) leaves away
 * by itself: the note of `context.skip(note)`, and why a test had to be tried again.
 */
export default class ExplainResults implements Reporter {
  onTestCaseResult(testCase: TestCase): void {
    const result = testCase.result()
    if (result.state === 'skipped' && result.note !== undefined) {
      Object.assign(testCase.meta(), { skipReason: result.note })
    }
    if (result.state === 'passed' && (testCase.diagnostic()?.retryCount ?? 0) > 0) {
      Object.assign(testCase.meta(), { retryReason: result.errors?.[0]?.message ?? 'it gave no reason' })
    }
  }
}
