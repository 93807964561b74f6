import type { Reporter, TestCase } from 'vitest/node'

/**
 * Copies the note of `context.skip(note)` into the metadata of a test, because the JSON reporter (vitest 4.1.12) writes
 * metadata but omits notes.
 */
export default class ExplainResults implements Reporter {
  onTestCaseResult(testCase: TestCase): void {
    const result = testCase.result()
    if (result.state === 'skipped' && result.note !== undefined) {
      Object.assign(testCase.meta(), { skipReason: result.note })
    }
  }
}
